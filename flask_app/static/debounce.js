// Call `action` when `quiet` milliseconds have passed without another call, but during a series of calls at least every
// `longest` milliseconds.
export function debounce(action, quiet, longest) {
  let timer = 0;
  let since = 0;
  const cancel = () => {
    clearTimeout(timer);
    timer = since = 0;
  };
  const call = () => {
    const now = performance.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      cancel();
      action();
    }, Math.min(quiet, Math.max(0, since + longest - now)));
  };
  return Object.assign(call, { cancel });
}
