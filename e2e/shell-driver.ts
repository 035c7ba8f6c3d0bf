import type { RunningApp } from './driver.ts'

/** An app whose shell is tested: what its tests do that each shell does in its own way. */
export interface ShellApp extends RunningApp {
  /** Does something that opens dialogs to save files: "no.lbx" is cancelled, the others are saved, by name. */
  whileSaving(act: () => Promise<void>): Promise<ReadonlyMap<string, readonly number[]>>
  /** Somebody else copies a text. */
  copyElsewhere(text: string): Promise<void>
  /** Crashes the window's process. */
  crash(): Promise<void>
  /** Whether the window shows this address. */
  shows(url: string): Promise<boolean>
}

/** How to start an app in a shell. */
export interface ShellStart {
  readonly program: string
  readonly profile?: string
  readonly words?: readonly string[]
}

/** A shell, to run the small app of its tests in. */
export interface ShellDriver {
  readonly name: 'browser' | 'electron'
  /** Starts the small app and connects to its window. */
  start(options: ShellStart): Promise<ShellApp>
  /** The command line that starts it as people have it: no port, and no test that sees into it. */
  command(program: string, words: readonly string[]): readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
  /** Directories of the profile that only its owner may enter. */
  readonly privateDirs: readonly string[]
  /** All that a worker's environment names. */
  readonly workerEnvironment: readonly string[]
  /** The ports that the test itself opens. */
  readonly ports: number
}
