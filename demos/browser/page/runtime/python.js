// Python's own functions, as far as they are used.

import { NDArray } from "./array.js";

export class Slice {
  static ELLIPSIS = { ellipsis: true };

  constructor(start, stop, step = null) {
    [this.start, this.stop, this.step] = [start, stop, step];
  }

  // Where it begins and how many places it picks on an axis of a length.
  within(length) {
    const step = this.step === null ? 1 : Number(this.step);
    const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
    const place = (at, otherwise) => {
      if (at === null) return otherwise;
      const from = Number(at) < 0 ? Number(at) + length : Number(at);
      return Math.min(Math.max(from, least), most);
    };
    const [first, end] = step > 0 ? [least, most] : [most, least];
    const [start, stop] = [place(this.start, first), place(this.stop, end)];
    return { start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
  }
}
Slice.ALL = new Slice(null, null);
export const Ellipsis = Slice.ELLIPSIS;
const slice_ = (start, stop, step = null) => new Slice(start, stop, step);
export { slice_ as slice };

export function iter(value) {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  return [...value];
}

const bool_ = (value = false) => {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value) || typeof value === "string") return value.length > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (value instanceof NDArray) {
    if (value.size !== 1) throw new TypeError("the truth of an array of several numbers is not known");
    return Boolean(value.data[0]);
  }
  if (typeof value === "object") return value.__bool__?.() ?? (value.__len__ ? value.__len__() > 0 : true);
  return Boolean(value);
};
export { bool_ as bool };

export const len = (value) => value.__len__?.() ?? value.length ?? value.size;
const int_ = (value) => Math.trunc(Number(value));
const float_ = (value) => Number(value);
export { int_ as int, float_ as float };
export const isfinite = Number.isFinite;
export const ValueError = (message) => new RangeError(message);
export const str = (value) => String(value);
export const text = (...parts) => parts.map(str).join("");
export const join = (between, parts) => iter(parts).join(between);
export const abs = (value) => (value instanceof NDArray ? new NDArray(value.data.map(Math.abs), value.shape, value.dtype) : Math.abs(value));
export const list = (value = []) => [...iter(value)];
export const tuple = list;
export const set = (value = []) => new Set(iter(value));
export const dict = (value = []) => new Map(value);
export const any = (values) => iter(values).some(bool_);
export const all = (values) => iter(values).every(bool_);
const map_ = (apply, ...given) => zip(...given).map((values) => apply(...values));
export { map_ as map };
export const sum = (values) => iter(values).reduce((total, value) => total + Number(value), 0);
export const enumerate = (values, start = 0) => iter(values).map((value, i) => [start + i, value]);
export const reversed = (values) => [...iter(values)].reverse();
export const pairwise = (values) => iter(values).slice(1).map((value, i) => [iter(values)[i], value]);

export function range(...given) {
  const [start, stop, step] = given.length === 1 ? [0, given[0], 1] : [given[0], given[1], given[2] ?? 1];
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, i) => start + i * step);
}

export function zip(...given) {
  const strict = given.at(-1)?.strict !== undefined && !given.at(-1)[Symbol.iterator] ? given.pop().strict : false;
  const columns = given.map(iter);
  const lengths = columns.map((column) => column.length);
  const shortest = Math.min(...lengths);
  if (strict && Math.max(...lengths) !== shortest) throw new RangeError(`lengths ${lengths} differ`);
  return Array.from({ length: shortest }, (_, i) => columns.map((column) => column[i]));
}

// Half a unit goes to the even neighbour.
export function round(value) {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

function compare(one, other) {
  if (Array.isArray(one)) {
    for (let i = 0; i < Math.min(one.length, other.length); i++) {
      const order = compare(one[i], other[i]);
      if (order !== 0) return order;
    }
    return one.length - other.length;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}

export function sorted(values, { key = (value) => value, reverse = false } = {}) {
  const keyed = iter(values).map((value) => [key(value), value]);
  keyed.sort((one, other) => (reverse ? -1 : 1) * compare(one[0], other[0])); // stable
  return keyed.map(([, value]) => value);
}

function extreme(sign) {
  return (...given) => {
    const options = given.length > 1 && typeof given.at(-1) === "object" && !Array.isArray(given.at(-1)) ? given.pop() : {};
    const key = options.key ?? ((value) => value);
    const values = given.length === 1 ? iter(given[0]) : given;
    if (values.length === 0) return options.default;
    return values.reduce((best, value) => (sign * compare(key(value), key(best)) > 0 ? value : best));
  };
}
export const max = extreme(1);
export const min = extreme(-1);

export function contains(values, value) {
  if (values instanceof Map || values instanceof Set) return values.has(value);
  return values.includes(value);
}

// A dataclass with some fields changed.
export function replace(value, changes) {
  const { fields } = value.constructor;
  return new value.constructor(...fields.map((name) => (name in changes ? changes[name] : value[name])));
}
