import type * as Electron from 'electron'

/** The parts of Electron that this shell uses. It is given them, so that a test can give others; nothing else is reached. */
export type ElectronApi = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'clipboard'
  | 'dialog'
  | 'Menu'
  | 'Notification'
  | 'powerMonitor'
  | 'session'
  | 'utilityProcess'
>
