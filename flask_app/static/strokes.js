// Strokes as data, and as paint.
//
// A stroke is { width, points, erases }: width and [x, y] points in heights of the sheet, so that a drawing survives any
// change of size; y grows downwards. One that erases takes away what it covers.

// Paint strokes on a sheet of this height in pixels.
export function paint(context, strokes, height, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineCap = context.lineJoin = "round";
  for (const { width, points, erases } of strokes) {
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.lineWidth = width * height;
    context.beginPath();
    if (points.length === 1) {
      const [x, y] = points[0]; // a tap is a dot; a line of no length would leave nothing
      context.arc(x * height, y * height, (width * height) / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      trace(context, points, height);
      context.stroke();
    }
  }
  context.globalCompositeOperation = "source-over";
}

// A smooth line: through the midpoints between points, each point bending it its way.
function trace(context, points, height) {
  const last = points.length - 1;
  context.moveTo(points[0][0] * height, points[0][1] * height);
  for (let i = 1; i < last; i++) {
    const [x, y] = points[i];
    const [nextX, nextY] = points[i + 1];
    context.quadraticCurveTo(x * height, y * height, ((x + nextX) / 2) * height, ((y + nextY) / 2) * height);
  }
  context.lineTo(points[last][0] * height, points[last][1] * height);
}

// The strokes, or smaller ones if they do not fit on a sheet that is `ratio` times as wide as high.
export function fit(strokes, ratio) {
  const reach = Math.max(0, ...strokes.flatMap(({ width, points }) => points.map(([x]) => x + width / 2)));
  if (reach <= ratio) return strokes;
  const scale = ratio / reach;
  return strokes.map(({ width, points, ...rest }) => ({
    ...rest,
    width: width * scale,
    points: points.map(([x, y]) => [x * scale, y * scale + (1 - scale) / 2]),
  }));
}
