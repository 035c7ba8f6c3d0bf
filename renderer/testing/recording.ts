import { concat, fromUtf8 } from '../../shared/bytes.ts'
import { type CastEvent, eventLine, headerLine } from '../../shared/terminal/asciicast.ts'

const PROMPT = '\u001b[32mana@laptop\u001b[0m:\u001b[34m~\u001b[0m$ '
const CALLER = `{
    "UserId": "AROAQ3EXAMPLE7K2MNOP:lb-k3vQ9Zf1-1",
    "Account": "123456789012",
    "Arn": "arn:aws:sts::123456789012:assumed-role/emergency/lb-k3vQ9Zf1-1"
}
`.replaceAll('\n', '\r\n')

/** What a shell shows in which Ana asked AWS who she is, and a program printed all colours. */
export const shellScreen = `${PROMPT}aws sts get-caller-identity\r\n${CALLER}${PROMPT}./check-payments\r\n\u001b[33mqueue\u001b[0m 1,204 waiting  \u001b[31mFAILED\u001b[0m 3  \u001b[1;38;2;120;40;200mtrue colour\u001b[0m \u001b[7minverse\u001b[0m \u001b[4:3;58;2;200;0;0munderlined\u001b[0m\r\n${PROMPT}`

/** The same as a recording of a minute and a half. */
export function recordedText(): string {
  const shown: [number, string][] = [
    [0, PROMPT],
    [4200, 'aws sts get-caller-identity\r\n'],
    [5900, `${CALLER}${PROMPT}`],
    [61_000, 'env | grep SECRET\r\nAWS_SECRET_ACCESS_KEY=[redacted]\r\n'],
    [62_000, `${PROMPT}exit\r\n`],
  ]
  const events: CastEvent[] = shown.map(([at, text]) => ({ at, type: 'output', text }))
  const header = headerLine({
    env: { SHELL: '/bin/bash', TERM: 'xterm-256color' },
    height: 14,
    timestamp: Date.parse('2026-11-23T14:12:00Z') / 1000,
    version: 2,
    width: 80,
  })
  const end = eventLine({ at: 92_500, type: 'end', why: 'exited' })
  return fromUtf8(concat(header, ...events.map((event) => eventLine(event)), end))
}
