// NumPy's functions, as far as they are used. Results have NumPy's types and shapes.

import { asArray, bool, float32, float64, int64, NDArray, promote, sizeOf, stridesOf, uint8, uint16, uint32, unwrapped } from "./array.js";
import * as op from "./operators.js";

export { bool as bool_, float32, float64, int64, int64 as int32, int64 as intp, NDArray as ndarray, uint8, uint16, uint32 };
export { maximum, minimum, sub as subtract, mul as multiply, div as divide } from "./operators.js";
export const newaxis = null;
export const inf = Infinity;

export const array = (value, dtype = null) => asArray(value, typeOf(dtype));
export const asarray = array;
export const ascontiguousarray = array;
export const iinfo = (dtype) => ({ max: dtype.largest });

// Python's own types name some of NumPy's; an argument may come in braces, as keyword arguments do.
function typeOf(dtype) {
  if (dtype === null || dtype === undefined) return null;
  if (dtype.Store) return dtype;
  if ("dtype" in dtype) return typeOf(dtype.dtype);
  return dtype.name === "bool_" ? bool : dtype.name === "int_" ? int64 : float64;
}

export const zeros = (shape, dtype = float64) => NDArray.zeros([shape].flat(), typeOf(dtype));
export const empty = zeros;
export const zeros_like = (other, dtype = null) => NDArray.zeros(other.shape, typeOf(dtype) ?? other.dtype);

export function full_like(other, value) {
  const filled = zeros_like(other);
  filled.data.fill(Number(value));
  return filled;
}

export function full(shape, value, dtype = null) {
  const filled = zeros(shape, dtype ?? (Number.isInteger(value) ? int64 : float64));
  filled.data.fill(Number(value));
  return filled;
}

export function ones(shape, dtype = float64) {
  const made = zeros(shape, dtype);
  made.data.fill(1);
  return made;
}

export function eye(side, { dtype = float64 } = {}) {
  const made = NDArray.zeros([side, side], dtype);
  for (let i = 0; i < side; i++) made.data[i * side + i] = 1;
  return made;
}

export function arange(...given) {
  const dtype = given.at(-1)?.dtype || given.at(-1)?.Store ? typeOf(given.pop()) : null;
  const [start, stop] = given.length === 1 ? [0, given[0]] : given;
  const values = Array.from({ length: Math.max(0, Math.ceil(stop - start)) }, (_, i) => start + i);
  return asArray(values, dtype ?? int64);
}

export function linspace(start, stop, count) {
  return asArray(Array.from({ length: count }, (_, i) => start + ((stop - start) * i) / (count - 1)), float64);
}

// `np.mgrid[0:h, 0:w]`
export const mgrid = {
  getItem(slices) {
    const shape = slices.map((part) => part.stop - part.start);
    const made = NDArray.zeros([shape.length, ...shape], int64);
    const strides = stridesOf(shape);
    const size = sizeOf(shape);
    for (let axis = 0; axis < shape.length; axis++) {
      for (let i = 0; i < size; i++) {
        made.data[axis * size + i] = slices[axis].start + (Math.floor(i / strides[axis]) % shape[axis]);
      }
    }
    return made;
  },
};

// Functions of one number. Those that are not exact give single precision for single precision.
function each(body, { whole = true } = {}) {
  return (value) => {
    if (!(value instanceof NDArray)) return body(Number(value));
    const dtype = value.dtype.kind === "f" || whole ? value.dtype : float64;
    const data = new dtype.Store(value.size);
    for (let i = 0; i < data.length; i++) data[i] = body(value.data[i]);
    return unwrapped(new NDArray(data, value.shape, dtype));
  };
}
export const exp = each(Math.exp, { whole: false });
export const log = each(Math.log, { whole: false });
export const sqrt = each(Math.sqrt, { whole: false });
export const abs = each(Math.abs);
export const sign = each(Math.sign);
export const floor = each(Math.floor);
export const ceil = each(Math.ceil);
export const rint = each((value) => {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : low + 1;
});

export function where(condition, one, other) {
  const chosen = condition.astype(bool);
  const sides = [one, other].map((side) => (side instanceof NDArray ? side : null));
  const found = sides.filter(Boolean).map((side) => side.dtype);
  const dtype = found.length > 0 ? found.reduce(promote) : [one, other].every(Number.isInteger) ? int64 : float64;
  const shape = [one, other].reduce((sum, side) => op.broadcastShape(sum, side?.shape ?? []), chosen.shape);
  const [mask, a, b] = [chosen, one, other].map((side) => op.spread(asArray(side), shape));
  const data = new dtype.Store(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = mask[i] ? a[i] : b[i];
  return unwrapped(new NDArray(data, shape, dtype));
}

export const clip = (value, low, high) => op.minimum(op.maximum(value, low), high);

export function array_equal(one, other) {
  if (one.shape.length !== other.shape.length || one.shape.some((side, axis) => side !== other.shape[axis])) return false;
  for (let i = 0; i < one.data.length; i++) if (one.data[i] !== other.data[i]) return false;
  return true;
}

// --- along axes

// An array seen as [outer, along, inner], the axis or axes that are reduced in the middle.
function folded(value, axis) {
  if (axis === null || axis === undefined) return { source: value.data, outer: 1, along: value.size, inner: 1, kept: [] };
  const axes = [axis].flat().map((one) => (one < 0 ? one + value.ndim : one));
  const first = Math.min(...axes);
  if (axes.length !== new Set(axes).size || Math.max(...axes) - first !== axes.length - 1) {
    throw new RangeError(`axes ${axes} are not neighbours`);
  }
  return {
    source: value.data,
    outer: sizeOf(value.shape.slice(0, first)),
    along: sizeOf(value.shape.slice(first, first + axes.length)),
    inner: sizeOf(value.shape.slice(first + axes.length)),
    kept: [...value.shape.slice(0, first), ...value.shape.slice(first + axes.length)],
    axes,
  };
}

// Options as they come: an axis, or keyword arguments in braces.
function optionsOf(given) {
  const named = given.at(-1) !== null && typeof given.at(-1) === "object" && !Array.isArray(given.at(-1)) ? given.at(-1) : {};
  const [axis = null, keepdims = false] = named === given.at(-1) ? given.slice(0, -1) : given;
  return { axis, keepdims, ...named };
}

function reduction(resultOf, body) {
  return (value, ...given) => {
    const held = asArray(value);
    const { axis, keepdims, dtype = null, initial } = optionsOf(given);
    const { source, outer, along, inner, kept } = folded(held, axis);
    const type = dtype ?? resultOf(held.dtype);
    const data = new type.Store(outer * inner);
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) data[i * inner + j] = body(source, i * along * inner + j, along, inner, initial);
    }
    const axes = [axis].flat().map((one) => (one !== null && one < 0 ? one + held.ndim : one));
    const shape = keepdims ? held.shape.map((side, at) => (axis === null || axes.includes(at) ? 1 : side)) : kept;
    return unwrapped(new NDArray(data, shape, type));
  };
}

const same = (dtype) => dtype;
const summed = (dtype) => (dtype.kind === "f" ? dtype : int64);

function greatest(sign) {
  return (source, from, count, step, initial) => {
    if (count === 0 && initial === undefined) throw new RangeError("nothing to compare");
    let best = initial ?? source[from];
    for (let k = 0; k < count; k++) if (sign * source[from + k * step] > sign * best) best = source[from + k * step];
    return best;
  };
}
function total(source, from, count, step) {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += source[from + k * step];
  return sum;
}

export const max = reduction(same, greatest(1));
export const min = reduction(same, greatest(-1));
export const sum = reduction(summed, total);
export const mean = reduction((dtype) => (dtype.kind === "f" ? dtype : float64), (...given) => total(...given) / given[2]);
const anyAlong = reduction(() => bool, (source, from, count, step) => {
  if (step === 1 && source instanceof Uint8Array) return source.subarray(from, from + count).includes(1) ? 1 : 0;
  for (let k = 0; k < count; k++) if (source[from + k * step]) return 1;
  return 0;
});
export const all = reduction(() => bool, (source, from, count, step) => {
  for (let k = 0; k < count; k++) if (!source[from + k * step]) return 0;
  return 1;
});

export function any(value, ...given) {
  const held = asArray(value).astype(bool);
  if (given[0] !== 0 || held.ndim !== 2 || held.dtype !== bool) return anyAlong(held, ...given);
  // Row by row, as they lie in memory: whether there is ink in a column is asked of every drawing.
  const [rows, columns] = held.shape;
  const found = NDArray.zeros([columns], bool);
  for (let row = 0; row < rows; row++) {
    const line = held.data.subarray(row * columns, (row + 1) * columns);
    if (!line.includes(1)) continue;
    for (let i = 0; i < columns; i++) found.data[i] |= line[i];
  }
  return found;
}

export function count_nonzero(value) {
  let count = 0;
  for (const one of asArray(value).data) if (one) count++;
  return count;
}
export const prod = reduction(summed, (source, from, count, step) => {
  let product = 1;
  for (let k = 0; k < count; k++) product *= source[from + k * step];
  return product;
});
export const argmax = reduction(() => int64, (source, from, count, step) => {
  let best = 0;
  for (let k = 1; k < count; k++) if (source[from + k * step] > source[from + best * step]) best = k;
  return best;
});
export const ptp = (value) => op.sub(max(value), min(value));

// The value below which a share of all lies, between neighbours in proportion.
function quantile(share) {
  return reduction((dtype) => (dtype.kind === "f" ? dtype : float64), (source, from, count, step) => {
    const line = new Float64Array(count);
    for (let k = 0; k < count; k++) line[k] = source[from + k * step];
    line.sort();
    const place = share * (count - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, count - 1);
    return line[low] + (line[high] - line[low]) * (place - low);
  });
}
export const percentile = (value, percent, ...given) => quantile(percent / 100)(value, ...given);
export const median = (value, ...given) => quantile(0.5)(value, ...given);

// --- order and places

export const sort = (value) => new NDArray(value.data.slice().sort(), value.shape, value.dtype);

export function argsort(value) {
  const places = Array.from(value.data, (_, i) => i);
  places.sort((one, other) => value.data[one] - value.data[other]); // stable
  return asArray(places, int64);
}

export const flatnonzero = (value) => {
  const places = [];
  for (let i = 0; i < value.data.length; i++) if (value.data[i]) places.push(i);
  return asArray(places, int64);
};
export const nonzero = (value) => op.placesIn(value).map((places) => asArray(places, int64));

export function argwhere(value) {
  const places = op.placesIn(value.astype(bool));
  return places[0].length > 0 ? stack(places.map((axis) => asArray(axis, int64)), 1) : NDArray.zeros([0, value.ndim], int64);
}

export function searchsorted(line, value, { side = "left" } = {}) {
  let at = 0;
  // In the type of the line, as NumPy compares a number of Python's.
  const bound = line.dtype === float32 ? Math.fround(value) : value;
  while (at < line.size && (line.data[at] < bound || (side === "right" && line.data[at] === bound))) at++;
  return at;
}

// Running sums of numbers in a row, each rounded to the type, as NumPy adds them.
export function cumsum(value) {
  const made = NDArray.zeros([value.size], summed(value.dtype));
  for (let i = 0; i < value.size; i++) made.data[i] = (i > 0 ? made.data[i - 1] : 0) + value.data[i];
  return made;
}

export const diff = (value) => {
  const data = new value.dtype.Store(Math.max(0, value.size - 1));
  for (let i = 0; i < data.length; i++) data[i] = value.data[i + 1] - value.data[i];
  return new NDArray(data, [data.length], value.dtype);
};

// --- several arrays as one

export function concatenate(given, { axis = 0, dtype: wanted = null } = {}) {
  const arrays = given.map((one) => asArray(one, wanted));
  if (axis !== 0) return swapaxes(concatenate(arrays.map((one) => swapaxes(one, 0, axis))), 0, axis);
  const dtype = arrays.map((one) => one.dtype).reduce(promote);
  const data = new dtype.Store(arrays.reduce((size, one) => size + one.size, 0));
  let at = 0;
  for (const one of arrays) {
    data.set(one.data, at);
    at += one.size;
  }
  const rows = arrays.reduce((count, one) => count + one.shape[0], 0);
  return new NDArray(data, [rows, ...arrays[0].shape.slice(1)], dtype);
}

export function stack(given, axis = 0) {
  const arrays = given.map((one) => asArray(one));
  const { shape } = arrays[0];
  if (axis === 0) return concatenate(arrays.map((one) => one.reshape([1, ...shape])));
  const dtype = arrays.map((one) => one.dtype).reduce(promote);
  const inner = sizeOf(shape.slice(axis));
  const made = NDArray.zeros([...shape.slice(0, axis), arrays.length, ...shape.slice(axis)], dtype);
  arrays.forEach((one, place) => {
    for (let i = 0; i < one.size; i++) {
      made.data[(Math.floor(i / inner) * arrays.length + place) * inner + (i % inner)] = one.data[i];
    }
  });
  return made;
}

// Rows and columns around an array of two axes.
export function pad(value, beyond, { mode = "constant", constant_values: filling = 0 } = {}) {
  const sides = typeof beyond === "number" ? value.shape.map(() => [beyond, beyond]) : beyond;
  const [[top, bottom], [left, right]] = sides;
  const [height, width] = value.shape;
  const [tall, wide] = [height + top + bottom, width + left + right];
  const made = NDArray.zeros([tall, wide], value.dtype);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const [row, column] = [y - top, x - left];
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      const [near, beside] = [Math.min(Math.max(row, 0), height - 1), Math.min(Math.max(column, 0), width - 1)];
      made.data[y * wide + x] = inside || mode === "edge" ? value.data[near * width + beside] : filling;
    }
  }
  return made;
}

// Two axes of an array in each other's place.
export function swapaxes(value, one, other) {
  const order = value.shape.map((_, axis) => (axis === one ? other : axis === other ? one : axis));
  const shape = order.map((axis) => value.shape[axis]);
  const [steps, own] = [stridesOf(value.shape), stridesOf(shape)];
  const data = new value.dtype.Store(value.size);
  for (let i = 0; i < data.length; i++) {
    let from = 0;
    for (let axis = 0; axis < shape.length; axis++) from += (Math.floor(i / own[axis]) % shape[axis]) * steps[order[axis]];
    data[i] = value.data[from];
  }
  return new NDArray(data, shape, value.dtype);
}

// --- linear algebra

// Sums of products over the axes that the result does not name.
export function einsum(formula, ...operands) {
  const [left, right] = formula.split("->");
  const names = left.split(",");
  const sides = {};
  names.forEach((axes, i) => [...axes].forEach((axis, at) => (sides[axis] = operands[i].shape[at])));
  const inner = Object.keys(sides).filter((axis) => !right.includes(axis));
  const order = [...right, ...inner];
  const dtype = operands.map((one) => one.dtype).reduce(promote);
  const made = NDArray.zeros([...right].map((axis) => sides[axis]), dtype);
  const steps = names.map((axes, i) => order.map((axis) => (axes.includes(axis) ? stridesOf(operands[i].shape)[axes.indexOf(axis)] : 0)));
  const length = sizeOf(inner.map((axis) => sides[axis]));
  const at = new Array(order.length).fill(0);
  const offsets = new Array(operands.length).fill(0);
  for (let out = 0; out < made.size; out++) {
    let sum = 0;
    for (let k = 0; k < length; k++) {
      let product = 1;
      for (let i = 0; i < operands.length; i++) product *= operands[i].data[offsets[i]];
      sum += product;
      for (let axis = order.length - 1; axis >= 0; axis--) {
        for (let i = 0; i < operands.length; i++) offsets[i] += steps[i][axis];
        if (++at[axis] < sides[order[axis]]) break;
        for (let i = 0; i < operands.length; i++) offsets[i] -= steps[i][axis] * sides[order[axis]];
        at[axis] = 0;
      }
    }
    made.data[out] = sum;
  }
  return made;
}

export const linalg = {
  // Systems of equations (n, k, k) with right sides (n, k, 1), by elimination.
  solve(matrices, sides) {
    const [count, k] = matrices.shape;
    const made = NDArray.zeros(sides.shape, promote(matrices.dtype, sides.dtype));
    for (let n = 0; n < count; n++) {
      const rows = Array.from({ length: k }, (_, i) => [...matrices.data.slice((n * k + i) * k, (n * k + i + 1) * k), sides.data[n * k + i]]);
      for (let i = 0; i < k; i++) {
        let pivot = i;
        for (let j = i + 1; j < k; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[pivot][i])) pivot = j;
        [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
        for (let j = i + 1; j < k; j++) {
          const factor = rows[j][i] / rows[i][i];
          for (let column = i; column <= k; column++) rows[j][column] -= factor * rows[i][column];
        }
      }
      for (let i = k - 1; i >= 0; i--) {
        for (let column = i + 1; column < k; column++) rows[i][k] -= rows[i][column] * rows[column][k];
        rows[i][k] /= rows[i][i];
        made.data[n * k + i] = rows[i][k];
      }
    }
    return made;
  },
};

// What NumPy's arrays have as methods.
const METHODS = { max, min, sum, mean, any, all, prod, argmax };
for (const [name, method] of Object.entries(METHODS)) {
  NDArray.prototype[name] = function (...given) {
    return method(this, ...given);
  };
}
NDArray.prototype.clip = function (low, high = null) {
  const raised = low === null ? this : op.maximum(this, low);
  return high === null ? raised : op.minimum(raised, high);
};
