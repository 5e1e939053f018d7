// Arrays as NumPy has them: numbers of one type, row by row, with a shape. Every array has its own memory.

const TYPES = {
  bool: { kind: "b", rank: 0, Store: Uint8Array, largest: 1 },
  uint8: { kind: "u", rank: 1, Store: Uint8Array, largest: 255 },
  uint16: { kind: "u", rank: 2, Store: Uint16Array, largest: 65_535 },
  uint32: { kind: "u", rank: 3, Store: Uint32Array, largest: 4_294_967_295 },
  int64: { kind: "i", rank: 4, Store: Float64Array }, // whole numbers up to 2 ** 53
  float32: { kind: "f", rank: 5, Store: Float32Array },
  float64: { kind: "f", rank: 6, Store: Float64Array },
};

// A type is called to make one number of it, as `np.float32(1)` does; such a number keeps its type among arrays.
function makeType(name) {
  const type = (value) => {
    if (value instanceof NDArray) return value.astype(type);
    return new NDArray(new TYPES[name].Store([value]), [], type);
  };
  return Object.assign(type, { ...TYPES[name], typeName: name });
}

export const bool = makeType("bool");
export const uint8 = makeType("uint8");
export const uint16 = makeType("uint16");
export const uint32 = makeType("uint32");
export const int64 = makeType("int64");
export const float32 = makeType("float32");
export const float64 = makeType("float64");

export const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

// Distances in memory between neighbours along each axis.
export function stridesOf(shape) {
  const strides = new Array(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

// The type of the result of an operation between two types, by NumPy's rules.
export function promote(one, other) {
  if (one === other) return one;
  const [low, high] = one.rank < other.rank ? [one, other] : [other, one];
  if (high === float32 && low.rank > uint16.rank) return float64;
  return high;
}

export class NDArray {
  constructor(data, shape, dtype) {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
  }

  static zeros(shape, dtype = float64) {
    return new NDArray(new dtype.Store(sizeOf(shape)), shape, dtype);
  }

  get size() {
    return this.data.length;
  }

  get ndim() {
    return this.shape.length;
  }

  get length() {
    return this.shape[0];
  }

  // Arrays of no dimension stand for a number wherever JavaScript wants one.
  valueOf() {
    return this.data.length === 1 ? this.data[0] : NaN;
  }

  get T() {
    if (this.ndim < 2) return this;
    const [rows, columns] = this.shape;
    const turned = NDArray.zeros([columns, rows], this.dtype);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned.data[j * rows + i] = this.data[i * columns + j];
    return turned;
  }

  copy() {
    return new NDArray(this.data.slice(), this.shape, this.dtype);
  }

  astype(dtype) {
    if (dtype === this.dtype) return this;
    if (dtype === bool) return new NDArray(Uint8Array.from(this.data, (value) => (value ? 1 : 0)), this.shape, bool);
    const data = new dtype.Store(this.data.length);
    if (dtype === int64) for (let i = 0; i < data.length; i++) data[i] = Math.trunc(this.data[i]);
    else data.set(this.data); // whole types cut off what is behind the point, as NumPy does
    return new NDArray(data, this.shape, dtype);
  }

  // The same bytes as another type; the last axis grows or shrinks.
  view(dtype) {
    if (dtype === "<u4" && this.dtype === uint8) {
      const { buffer, byteOffset, length } = byteOffsetOf(this.data);
      return new NDArray(new Uint32Array(buffer, byteOffset, length / 4), [...this.shape.slice(0, -1), this.shape.at(-1) / 4], uint32);
    }
    throw new TypeError(`view(${dtype}) of ${this.dtype.typeName}`);
  }

  reshape(...shape) {
    if (shape.length === 1 && Array.isArray(shape[0])) [shape] = shape;
    const known = sizeOf(shape.filter((side) => side !== -1));
    const sides = shape.map((side) => (side === -1 ? this.size / known : side));
    if (sizeOf(sides) !== this.size) throw new RangeError(`[${this.shape}] cannot have the shape [${shape}]`);
    return new NDArray(this.data, sides, this.dtype);
  }

  ravel() {
    return this.reshape(-1);
  }

  tolist() {
    if (this.ndim === 0) return this.item(0);
    if (this.ndim === 1) return Array.from(this.data, (_, i) => this.item(i));
    return this.rows().map((row) => row.tolist());
  }

  // One number, as JavaScript has it.
  item(at) {
    return this.dtype === bool ? this.data[at] === 1 : this.data[at];
  }

  // Along the first axis: numbers of a row, else arrays.
  rows() {
    if (this.ndim === 1) return this.tolist();
    const [count, ...rest] = this.shape;
    const step = sizeOf(rest);
    return Array.from({ length: count }, (_, i) => new NDArray(this.data.slice(i * step, (i + 1) * step), rest, this.dtype));
  }

  [Symbol.iterator]() {
    return this.rows()[Symbol.iterator]();
  }
}

function byteOffsetOf(data) {
  if (data.byteOffset % 4 === 0) return data;
  return data.slice();
}

// Whatever holds numbers as an array: nested lists, single numbers.
export function asArray(value, dtype = null) {
  if (value instanceof NDArray) return dtype ? value.astype(dtype) : value;
  if (value?.toArray) return asArray(value.toArray(), dtype); // a picture
  const shape = [];
  for (let inner = value; Array.isArray(inner) || inner instanceof NDArray; inner = inner[0] ?? null) {
    if (inner instanceof NDArray) {
      shape.push(...inner.shape);
      break;
    }
    shape.push(inner.length);
  }
  const flat = [];
  const kinds = new Set();
  const visit = (part) => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (part instanceof NDArray) {
      kinds.add(part.dtype);
      flat.push(...part.data);
    } else flat.push(Number(part)) && kinds.add(typeof part === "boolean" ? bool : Number.isInteger(part) ? int64 : float64);
  };
  visit(value);
  const found = dtype ?? [...kinds].reduce(promote, kinds.size ? [...kinds][0] : float64);
  return new NDArray(new found.Store(flat), shape, found);
}

// What indexing and reducing give: a number where no axis is left.
export const unwrapped = (array) => (array.ndim === 0 ? array.item(0) : array);
