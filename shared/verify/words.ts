import type { DeviceFact, PersonFact } from './report.ts'

/** A person's name, or that nobody in force has it. */
export function personWords({ name, member }: PersonFact): string {
  return name ?? `someone in no roster in force (${member})`
}

/** A device by its owner, with the start of its id. */
export function deviceWords({ device, person }: DeviceFact): string {
  const id = device.slice(0, 8)
  return person === null ? `device ${id}… of nobody known` : `${personWords(person)}’s device ${id}…`
}

/** A time span to the second: "1 h 02 min 05 s"; a minus before it where clocks differ. */
export function spanWords(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000)
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  const words = h > 0 ? `${h} h ${two(min)} min ${two(s)} s` : min > 0 ? `${min} min ${two(s)} s` : `${s} s`
  return ms < 0 && seconds > 0 ? `−${words}` : words
}

/** "one entry", "3 entries". */
export function countWords(count: number, one: string, many: string): string {
  return count === 1 ? `one ${one}` : `${count} ${many}`
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu

/**
 * One line of a report, whatever it quotes: characters that move a terminal's cursor, reorder their neighbours or
 * cannot be seen are written as `\u{…}`, so that no quoted text can pose as a line of the report.
 */
export function plainLine(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}
