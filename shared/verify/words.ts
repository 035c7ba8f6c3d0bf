import type { DeviceFact, PersonFact } from './report.ts'

/** Names that nobody takes for words of the report: letters, digits and what stands within names. */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .'’_@-]*$/u

/** A text that somebody wrote, in quotation marks: such marks in it are written out, so that no text ends before its end. */
export function quotedText(text: string): string {
  return `“${text.replace(/[“”]/g, escaped)}”`
}

/** The name of a person as it is, or in quotation marks if it could be taken for something else. */
export function nameWords(name: string): string {
  return PLAIN_NAME.test(name) && !READS_AS_OURS.test(name) ? name : quotedText(name)
}

/** Words by which a verdict is known. */
const READS_AS_OURS = /\b(?:REFUSED|VERIFIED|REFUTED|HOLDS|WRONG|INCOMPLETE)\b/

/** A person's name, or that nobody in force has it. */
export function personWords({ name, member }: PersonFact): string {
  return name === null ? `someone in no roster in force (${member})` : nameWords(name)
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

// With fillers that are letters only by name, and spaces that are not the usual one: neither can be seen, or told from it.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0\u2800]|(?! )\p{Zs}/gu

const escaped = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

/**
 * One line of a report, whatever it quotes: characters that move a terminal's cursor, reorder their neighbours or
 * cannot be seen are written as `\u{…}`, so that no quoted text can pose as a line of the report.
 */
export function plainLine(text: string): string {
  return text.replace(UNSAFE, escaped)
}
