import { type RunningApp, startApp } from './driver.ts'
import type { ShellApp, ShellDriver } from './shell-driver.ts'

/** Browser mode: the page can be told what a person would do in it. */
export const browserDriver: ShellDriver = {
  name: 'browser',
  start: async (options) => browserApp(await startApp(options)),
  command: (program, words) => [process.execPath, program, ...words],
  environment: { LOCKBOX_ALLOW_ROOT: '1', LOCKBOX_E2E_SWITCHES: '["--headless=new"]' },
  privateDirs: ['browser', 'browser-dumps'],
  // The shell that keeps core files away sets it.
  workerEnvironment: ['PWD'],
  ports: 1,
}

function browserApp(app: RunningApp): ShellApp {
  const { page } = app
  return {
    ...app,
    whileSaving: async (act) => {
      // The dialog is the system's; what the page gives it and does after is ours.
      await page.evaluate(() => {
        const saved: [string, number[]][] = []
        const showSaveFilePicker = ({ suggestedName }: { suggestedName: string }) =>
          suggestedName === 'no.lbx'
            ? Promise.reject(new DOMException('', 'AbortError'))
            : Promise.resolve({
                createWritable: () => {
                  const bytes: number[] = []
                  return {
                    write: (more: Uint8Array) => void bytes.push(...more),
                    close: () => void saved.push([suggestedName, bytes]),
                  }
                },
              })
        Object.assign(globalThis, { saved, showSaveFilePicker })
      })
      await act()
      return new Map(
        await page.evaluate(() => (globalThis as typeof globalThis & { saved: [string, number[]][] }).saved),
      )
    },
    copyElsewhere: (text) => page.evaluate((copied) => navigator.clipboard.writeText(copied), text),
    crash: async () => void page.goto('chrome://crash').catch(() => {}),
    shows: async (url) => {
      const session = await page.context().browser()?.newBrowserCDPSession()
      const targets = (await session?.send('Target.getTargets'))?.targetInfos ?? []
      return targets.some((target) => target.url === url)
    },
  }
}
