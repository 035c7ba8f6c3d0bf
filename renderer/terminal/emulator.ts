import { FitAddon } from '@xterm/addon-fit'
import { type ITheme, Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { takeStyles } from './take-styles.ts'
import { UnhurriedWrites } from './unhurried-writes.ts'

/** A terminal's size in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A terminal on the page. */
export interface Emulator {
  /** Resolves when it is drawn, or was dropped. */
  write(text: string): Promise<void>
  /** Begins anew, in another size if one is given, and drops what is not drawn yet. */
  reset(size?: Size): void
  resize(size: Size): void
  /** How many characters have room in its place; null while it is not laid out. */
  room(): Size | null
  /** From now on what is typed is told, and what a program asks of the terminal is answered. */
  listen(): void
  focus(): void
  dispose(): void
}

interface EmulatorOptions {
  /** Given what a person types; without it nothing can be typed. */
  readonly onTyped?: (text: string) => void
  /** The keys that lead out of the terminal were pressed. */
  readonly onLeave?: () => void
  readonly size?: Size
}

/** Where the keyboard comes out again; every other key is the shell's. */
const isLeave = ({ ctrlKey, shiftKey, code }: KeyboardEvent): boolean => ctrlKey && shiftKey && code === 'KeyL'

// Of each of these xterm.js does as often as is asked for, up to 2^31 times and in one go: lines, columns, characters, tabs.
const REPEATED = [
  ...['@', 'I', 'L', 'M', 'P', 'S', 'T', 'X', 'Z', 'b'].map((final) => ({ final })),
  ...['@', 'A'].map((final) => ({ intermediates: ' ', final })),
  ...['}', '~'].map((final) => ({ intermediates: "'", final })),
]
/** The largest terminal has no more of anything. */
const MOST_REPEATED = 500

/** Leaves out what would keep the window busy for minutes: no program that is well means it. */
function boundRepeats({ parser }: Terminal): void {
  for (const kind of REPEATED) parser.registerCsiHandler(kind, ([count]) => Number(count ?? 0) > MOST_REPEATED)
}

/** Shows a terminal. What is written to it is drawn as characters: no link in it opens anything. */
export function showTerminal(place: HTMLElement, { onTyped, onLeave, size }: EmulatorOptions): Emulator {
  const giveBack = takeStyles(document)
  const look = getComputedStyle(place)
  const terminal = new Terminal({
    ...(size ? { cols: size.columns, rows: size.rows } : {}),
    fontFamily: look.getPropertyValue('--mono'),
    fontSize: 14,
    lineHeight: 1.2,
    theme: themeOf(look),
    // Whatever colours a program chooses, on either ground.
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    cursorInactiveStyle: 'outline',
    disableStdin: true,
    linkHandler: { activate: () => undefined },
    screenReaderMode: true,
    scrollback: 5000,
  })
  boundRepeats(terminal)
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(place)
  const writes = new UnhurriedWrites(terminal)
  // Reached by the button beside it: a terminal keeps the Tab key for itself, and nobody is to be caught in it unawares.
  terminal.textarea?.setAttribute('tabindex', '-1')
  terminal.attachCustomKeyEventHandler((event) => {
    if (!isLeave(event)) return true
    event.preventDefault()
    if (event.type === 'keydown') onLeave?.()
    return false
  })
  if (onTyped !== undefined) terminal.onData(onTyped)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const recolour = (): void => {
    terminal.options.theme = themeOf(getComputedStyle(place))
  }
  scheme.addEventListener('change', recolour)
  let isOver = false
  return {
    write: async (text) => (isOver ? undefined : writes.write(text)),
    reset: (next) => {
      writes.drop()
      terminal.reset()
      if (next !== undefined) terminal.resize(next.columns, next.rows)
    },
    resize: ({ columns, rows }) => {
      if (!isOver) terminal.resize(columns, rows)
    },
    room: () => {
      const room = fit.proposeDimensions()
      return room === undefined || Number.isNaN(room.cols) ? null : { columns: room.cols, rows: room.rows }
    },
    listen: () => {
      terminal.options.disableStdin = onTyped === undefined
    },
    focus: () => terminal.focus(),
    dispose: () => {
      isOver = true
      scheme.removeEventListener('change', recolour)
      writes.drop()
      terminal.dispose()
      giveBack()
    },
  }
}

function themeOf(look: CSSStyleDeclaration): ITheme {
  const token = (name: string) => look.getPropertyValue(name).trim()
  return {
    background: token('--surface'),
    foreground: token('--text'),
    cursor: token('--text'),
    cursorAccent: token('--surface'),
    selectionBackground: token('--accent-soft'),
    red: token('--red'),
    green: token('--green'),
    yellow: token('--amber'),
    blue: token('--accent'),
  }
}
