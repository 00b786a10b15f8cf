/** A time as it is part of names: `20260131_09h05m00s`, local. @param time milliseconds since 1970 */
export function timestampOf(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}_${two(date.getHours())}h${two(date.getMinutes())}m${two(date.getSeconds())}s`;
}
