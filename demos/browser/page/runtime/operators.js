// Python's operators, for numbers, texts, lists and arrays: arithmetic with broadcasting, and what square brackets do.

import { asArray, bool, float32, float64, int64, NDArray, promote, sizeOf, stridesOf, unwrapped } from "./array.js";
import { Slice } from "./python.js";

const ARITHMETIC = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  floordiv: (a, b) => Math.floor(a / b),
  mod: (a, b) => a - b * Math.floor(a / b),
  pow: (a, b) => a ** b,
  shl: (a, b) => (a << b) >>> 0,
  shr: (a, b) => a >>> b,
  maximum: (a, b) => (a > b || a !== a ? a : b),
  minimum: (a, b) => (a < b || a !== a ? a : b),
};
const COMPARISONS = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};
const LOGIC = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
};
const BODIES = { ...ARITHMETIC, ...COMPARISONS, ...LOGIC, first: (a) => a };

// Arrays of one size, or an array and a number (whose step is 0): loops of their own, which the engine compiles well.
function sweep(name, a, stepA, b, stepB, data) {
  const { length } = data;
  let [i, j] = [0, 0];
  switch (name) {
    case "add": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] + b[j]; return;
    case "sub": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] - b[j]; return;
    case "mul": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] * b[j]; return;
    case "div": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] / b[j]; return;
    case "maximum": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] > b[j] ? a[i] : b[j]; return;
    case "minimum": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] < b[j] ? a[i] : b[j]; return;
    case "eq": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] === b[j] ? 1 : 0; return;
    case "ne": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] !== b[j] ? 1 : 0; return;
    case "gt": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] > b[j] ? 1 : 0; return;
    case "ge": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] >= b[j] ? 1 : 0; return;
    case "lt": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] < b[j] ? 1 : 0; return;
    case "and": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] & b[j]; return;
    case "or": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] | b[j]; return;
    case "shr": for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = a[i] >>> b[j]; return;
    default:
      for (let k = 0; k < length; k++, i += stepA, j += stepB) data[k] = BODIES[name](a[i], b[j]);
  }
}

const scalar = (value) => typeof value === "number" || typeof value === "boolean";

// The type that a number of Python's takes on beside an array: the array's, unless that cannot hold it.
function typeBeside(array, number, operation) {
  const { dtype } = array;
  const divided = operation === "div" && dtype.kind !== "f";
  if (typeof number === "boolean") return divided ? float64 : dtype;
  if (dtype === bool) return Number.isInteger(number) && !divided ? int64 : float64;
  if (dtype.kind === "f") return dtype;
  return divided || !Number.isInteger(number) ? float64 : dtype;
}

function resultType(one, other, operation) {
  if (scalar(one)) return typeBeside(other, one, operation);
  if (scalar(other)) return typeBeside(one, other, operation);
  const type = promote(one.dtype, other.dtype);
  return operation === "div" && type.kind !== "f" ? float64 : type;
}

export function broadcastShape(one, other) {
  const length = Math.max(one.length, other.length);
  const shape = new Array(length);
  for (let i = 0; i < length; i++) {
    const a = one[one.length - length + i] ?? 1;
    const b = other[other.length - length + i] ?? 1;
    if (a !== b && a !== 1 && b !== 1) throw new RangeError(`shapes [${one}] and [${other}] do not fit`);
    shape[i] = a === 1 ? b : a;
  }
  return shape;
}

function stridesIn(shape, target) {
  const own = stridesOf(shape);
  const strides = new Array(target.length).fill(0);
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] !== 1) strides[target.length - shape.length + i] = own[i];
  }
  return strides;
}

// Apply an operation to each pair of elements. Returns the numbers, in a new `Store`, and their shape.
function combine(one, other, name, Store) {
  const sameShape = one.shape.length === other.shape.length && one.shape.every((side, axis) => side === other.shape[axis]);
  const shape = sameShape ? one.shape : broadcastShape(one.shape, other.shape);
  const size = sizeOf(shape);
  const data = new Store(size);
  const [a, b] = [one.data, other.data];
  if (sameShape) sweep(name, a, 1, b, 1, data);
  else if (b.length === 1) sweep(name, a, 1, b, 0, data);
  else if (a.length === 1) sweep(name, a, 0, b, 1, data);
  else if (size > 0) {
    const body = BODIES[name];
    const [left, right] = [stridesIn(one.shape, shape), stridesIn(other.shape, shape)];
    const last = shape.length - 1;
    const places = new Array(shape.length).fill(0);
    let [i, j, at] = [0, 0, 0];
    while (at < size) {
      for (let k = 0; k < shape[last]; k++) data[at++] = body(a[i + k * left[last]], b[j + k * right[last]]);
      let axis = last - 1;
      for (; axis >= 0; axis--) {
        i += left[axis];
        j += right[axis];
        if (++places[axis] < shape[axis]) break;
        i -= left[axis] * shape[axis];
        j -= right[axis] * shape[axis];
        places[axis] = 0;
      }
      if (axis < 0) break;
    }
  }
  return [data, shape];
}

// The numbers of an array as they lie in a larger shape.
export function spread(value, shape) {
  if (value.ndim === shape.length && value.shape.every((side, axis) => side === shape[axis])) return value.data;
  return combine(value, NDArray.zeros(shape, bool), "first", value.dtype.Store)[0];
}

const wrap = (value, like) => new NDArray(Float64Array.of(value), [], like);

function arithmetic(name) {
  const body = ARITHMETIC[name];
  return (one, other, { dtype = null } = {}) => {
    if (scalar(one) && scalar(other) && !dtype) return body(Number(one), Number(other));
    if (name === "add" && typeof one === "string") return one + other;
    if (name === "add" && Array.isArray(one)) return [...one, ...other];
    if (name === "mul" && Array.isArray(one)) return Array.from({ length: other }, () => one).flat();
    const type = dtype ?? resultType(one, other, name);
    const [a, b] = [one, other].map((side) => (scalar(side) ? wrap(Number(side), type) : side));
    // NumPy works in the result's own precision: in single precision, so does this, for the last step rounds.
    const fround = type === float32;
    const [left, right] = fround ? [rounded(a), rounded(b)] : [a, b];
    const [data, shape] = combine(left, right, name, type.Store);
    return unwrapped(new NDArray(data, shape, type));
  };
}

// Operands as single precision has them.
function rounded(array) {
  if (array.ndim === 0) return wrap(Math.fround(array.data[0]), float32);
  if (array.dtype !== float64) return array;
  return new NDArray(Float32Array.from(array.data), array.shape, float32);
}

function comparison(name) {
  const body = COMPARISONS[name];
  return (one, other) => {
    if (one instanceof NDArray || other instanceof NDArray) {
      const [a, b] = [one, other].map((side) => {
        if (side instanceof NDArray) return side;
        const beside = side === one ? other : one;
        return wrap(beside.dtype === float32 ? Math.fround(Number(side)) : Number(side), beside.dtype);
      });
      const [data, shape] = combine(a, b, name, Uint8Array);
      return unwrapped(new NDArray(data, shape, bool));
    }
    if (Array.isArray(one) && Array.isArray(other)) {
      const same = one.length === other.length && one.every((value, i) => eq(value, other[i]));
      return name === "ne" ? !same : same;
    }
    return body(one, other);
  };
}

function logic(name) {
  const body = LOGIC[name];
  return (one, other) => {
    if (typeof one === "boolean" && typeof other === "boolean") return Boolean(body(one, other));
    if (scalar(one) && scalar(other)) return body(one, other) >>> 0;
    const [a, b] = [one, other].map((side) => (scalar(side) ? wrap(Number(side), bool) : side));
    const type = promote(a.dtype, b.dtype);
    const [data, shape] = combine(a, b, name, type.Store);
    return unwrapped(new NDArray(data, shape, type));
  };
}

export const add = arithmetic("add");
export const sub = arithmetic("sub");
export const mul = arithmetic("mul");
export const div = arithmetic("div");
export const floordiv = arithmetic("floordiv");
export const mod = arithmetic("mod");
export const pow = arithmetic("pow");
export const shl = arithmetic("shl");
export const shr = arithmetic("shr");
export const maximum = arithmetic("maximum");
export const minimum = arithmetic("minimum");
export const eq = comparison("eq");
export const ne = comparison("ne");
export const lt = comparison("lt");
export const le = comparison("le");
export const gt = comparison("gt");
export const ge = comparison("ge");
const and_ = logic("and");
const or_ = logic("or");
export { and_ as and, or_ as or };

export function neg(value) {
  return scalar(value) ? -value : mul(value, -1);
}

export function invert(value) {
  if (typeof value === "boolean") return !value;
  if (value.dtype !== bool) throw new TypeError("~ is for booleans");
  return new NDArray(value.data.map((one) => 1 - one), value.shape, bool);
}

export function matmul(one, other) {
  const [n, inner] = one.shape;
  const [, m] = other.shape;
  const product = NDArray.zeros([n, m], promote(one.dtype, other.dtype));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += one.data[i * inner + k] * other.data[k * m + j];
      product.data[i * m + j] = sum;
    }
  }
  return product;
}

// The picks along each axis that an index names: [{ start, count, step, drops }] or, with arrays in it, their rows.
function picksOf(shape, index) {
  const parts = Array.isArray(index) ? index : [index];
  const named = parts.filter((part) => part !== null && part !== Slice.ELLIPSIS);
  const spread = shape.length - named.reduce((sum, part) => sum + (isMask(part) ? part.ndim : 1), 0);
  const full = parts.includes(Slice.ELLIPSIS) ? parts : [...parts, Slice.ELLIPSIS];
  const picks = [];
  let axis = 0;
  for (const part of full) {
    if (part === null) picks.push({ newAxis: true });
    else if (part === Slice.ELLIPSIS) for (let i = 0; i < spread; i++) picks.push({ axis, ...Slice.ALL.within(shape[axis++]) });
    else if (part instanceof Slice) picks.push({ axis, ...part.within(shape[axis++]) });
    else if (isMask(part)) {
      for (const places of placesIn(part)) picks.push({ axis: axis++, places, placesShape: [places.length] });
    } else if (part instanceof NDArray && part.ndim > 0) {
      const side = shape[axis];
      const places = Array.from(part.data, (at) => (at < 0 ? at + side : at));
      picks.push({ axis: axis++, places, placesShape: part.shape });
    } else {
      const at = Number(part);
      const side = shape[axis];
      if (at >= side || at < -side) throw new RangeError(`${at} is outside of ${side}`);
      picks.push({ axis: axis++, start: at < 0 ? at + side : at, count: 1, step: 1, drops: true });
    }
  }
  return picks;
}

const isMask = (part) => part instanceof NDArray && part.dtype === bool && part.ndim > 0;

// Where a mask is true: an array of places for each axis.
export function placesIn(mask) {
  const strides = stridesOf(mask.shape);
  const places = mask.shape.map(() => []);
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i]) strides.forEach((step, axis) => places[axis].push(Math.floor(i / step) % mask.shape[axis]));
  }
  return places;
}

// The shape of what an index picks, and the place in memory of each of its elements.
function addresses(array, index) {
  const picks = picksOf(array.shape, index);
  const strides = stridesOf(array.shape);
  const listed = picks.filter((pick) => pick.places);
  const joint = listed.map((pick) => pick.placesShape).reduce(broadcastShape, []);
  const shape = [];
  const offsets = []; // for each axis of the result, the offset that each of its places adds
  let base = 0;
  let placed = false;
  for (const pick of picks) {
    if (pick.newAxis) {
      shape.push(1);
      offsets.push([0]);
    } else if (pick.places) {
      if (placed) continue;
      placed = true;
      const sum = new Array(sizeOf(joint)).fill(0);
      for (const each of listed) {
        const from = stridesIn(each.placesShape, joint);
        const own = stridesOf(joint);
        for (let i = 0; i < sum.length; i++) {
          let at = 0;
          for (let axis = 0; axis < joint.length; axis++) at += (Math.floor(i / own[axis]) % joint[axis]) * from[axis];
          sum[i] += each.places[at] * strides[each.axis];
        }
      }
      shape.push(...joint);
      offsets.push(sum);
    } else if (pick.drops) base += pick.start * strides[pick.axis];
    else {
      shape.push(pick.count);
      offsets.push(Array.from({ length: pick.count }, (_, i) => (pick.start + i * pick.step) * strides[pick.axis]));
    }
  }
  return { shape, offsets, base };
}

// Copy what an index picks. What lies together in memory is copied as one run, over several axes if it can be.
function copy(source, { offsets, base }, data) {
  if (data.length === 0) return;
  const own = offsets.at(-1) ?? [0];
  let axes = Math.max(0, offsets.length - 1);
  let [run, first] = [1, 0];
  if (own.length > 1 && isEven(own, 1)) {
    [run, first] = [own.length, own[0]];
    while (axes > 0 && isEven(offsets[axes - 1], run)) {
      first += offsets[axes - 1][0];
      run *= offsets[axes - 1].length;
      axes -= 1;
    }
  }
  let at = 0;
  const walk = (axis, offset) => {
    if (axis < axes) {
      const steps = offsets[axis];
      for (let i = 0; i < steps.length; i++) walk(axis + 1, offset + steps[i]);
    } else if (run > 1) {
      data.set(source.subarray(offset + first, offset + first + run), at);
      at += run;
    } else for (let i = 0; i < own.length; i++) data[at++] = source[offset + own[i]];
  };
  walk(0, base);
}

// Whether places are that far apart, each from the one before.
function isEven(places, step) {
  for (let i = 1; i < places.length; i++) if (places[i] - places[i - 1] !== step) return false;
  return true;
}

// Call `visit(place in memory, position in the result)` for each element.
function eachAddress({ offsets, base }, visit) {
  let at = 0;
  const last = offsets.length - 1;
  const walk = (axis, offset) => {
    const own = offsets[axis];
    if (axis === last) for (let i = 0; i < own.length; i++) visit(offset + own[i], at++);
    else for (let i = 0; i < own.length; i++) walk(axis + 1, offset + own[i]);
  };
  if (last < 0) visit(base, 0);
  else walk(0, base);
}

export function get(value, index) {
  if (value instanceof Map) return value.get(index);
  if (Array.isArray(value) || typeof value === "string") {
    if (!(index instanceof Slice)) return value.at(Number(index));
    const { start, count, step } = index.within(value.length);
    if (step === 1) return value.slice(start, start + count);
    const picked = Array.from({ length: count }, (_, i) => value[start + i * step]);
    return Array.isArray(value) ? picked : picked.join("");
  }
  if (value instanceof NDArray === false) return value.getItem(index);
  if (value.ndim === 1 && scalar(index)) return value.item(index < 0 ? index + value.size : index);
  const found = addresses(value, index);
  const data = new value.dtype.Store(found.offsets.reduce((product, own) => product * own.length, 1));
  copy(value.data, found, data);
  return unwrapped(new NDArray(data, found.shape, value.dtype));
}

export function set(value, index, content) {
  if (value instanceof Map) return value.set(index, content);
  if (Array.isArray(value)) return (value[index < 0 ? value.length + index : index] = content);
  const found = addresses(value, index);
  const target = value.data;
  if (scalar(content)) return eachAddress(found, (at) => (target[at] = Number(content)));
  const numbers = spread(asArray(content), found.shape);
  return eachAddress(found, (at, from) => (target[at] = numbers[from]));
}
