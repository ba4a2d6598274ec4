// Ticks for the panels that are drawn here and not by Grafana's components.
import { dateTimeFormat } from '@grafana/data';

/** Round numbers from at or below `low` to at or above `high`, about `count` of them. */
export function numberTicks(low: number, high: number, count: number): number[] {
  const raw = (high - low || 1) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [1, 5, 15, 30]
  .map((one) => one * MINUTE)
  .concat(
    [1, 3, 6, 12].map((one) => one * HOUR),
    [1, 2, 5, 7, 14, 30, 90].map((one) => one * DAY)
  );
const VIETNAM = 7 * HOUR;

export interface TimeTick {
  at: number;
  text: string;
}

/** Times between the ends, on whole minutes, hours or days of Vietnam. */
export function timeTicks(from: number, to: number, count: number, timeZone: string): TimeTick[] {
  const raw = (to - from) / Math.max(count, 1);
  const step = STEPS.find((one) => one >= raw) ?? 365 * DAY;
  const first = Math.ceil((from + VIETNAM) / step) * step - VIETNAM;
  const ticks: TimeTick[] = [];
  for (let at = first; at <= to; at += step) {
    ticks.push({ at, text: dateTimeFormat(at, { timeZone, format: step < DAY ? 'HH:mm' : 'DD/MM' }) });
  }
  return ticks;
}
