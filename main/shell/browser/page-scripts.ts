import { ORIGIN } from '../../../shared/origin.ts'

/** The binding through which the page's script reaches us. The script takes it away before the bundle runs. */
export const BINDING = '__lockboxSend'

/** The function through which we reach the page. */
const RECEIVER = '__lockboxReceive'

/**
 * Runs in each document before its own scripts, and acts only in ours: offers the transport of `shared/wire.ts` as
 * `lockbox`, and tells of the person's presence. A text out starts with `c` (contract) or `p` (presence). It is plain
 * JavaScript, since it is text to the browser.
 */
export const BRIDGE = `(() => {
  if (window !== window.top || location.origin !== ${JSON.stringify(ORIGIN)}) return
  const post = globalThis.${BINDING}
  delete globalThis.${BINDING}
  if (typeof post !== 'function') return
  let receive = null
  const early = []
  const hidden = (name, value) => Object.defineProperty(globalThis, name, { value })
  hidden('lockbox', Object.freeze({
    send: (text) => post('c' + text),
    listen: (to) => {
      receive = to
      for (const text of early.splice(0)) to(text)
    },
  }))
  hidden('${RECEIVER}', (text) => (receive === null ? void early.push(text) : receive(text)))

  let toldAt = -Infinity
  const active = () => {
    if (performance.now() - toldAt < 5000) return
    toldAt = performance.now()
    post('pactive')
  }
  for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
    addEventListener(kind, active, { capture: true, passive: true })
  }
  if (typeof IdleDetector !== 'function') return
  const idle = new IdleDetector()
  let screen = null
  idle.addEventListener('change', () => {
    // Some desktops always say "locked"; only a change from unlocked is news.
    if (screen === 'unlocked' && idle.screenState === 'locked') post('pscreen-locked')
    if (screen === 'locked' && idle.screenState === 'unlocked') post('pscreen-unlocked')
    screen = idle.screenState
  })
  const watching = () => { if (idle.userState === 'active') active() }
  idle.start({ threshold: 60000 }).then(() => setInterval(watching, 30000), () => {})
})()`

/** Functions that we call in the page, with one JSON argument and a JSON answer; a throw means it failed. */
export const PAGE_FUNCTIONS = {
  receive: `(text) => globalThis.${RECEIVER}(text)`,

  notify: `({ title, body }) => {
    const shown = new Notification(title, { body, tag: 'lockbox', requireInteraction: true })
    shown.onclick = () => { window.focus(); shown.close() }
  }`,

  writeClipboard: `({ text }) => navigator.clipboard.writeText(text)`,

  clearClipboard: `async ({ hashes }) => {
    const held = new TextEncoder().encode(await navigator.clipboard.readText())
    const found = new Uint8Array(await crypto.subtle.digest('SHA-256', held))
    if (!hashes.includes(btoa(String.fromCharCode(...found)))) return false
    await navigator.clipboard.writeText('')
    return true
  }`,

  saveFile: `async ({ name, base64 }) => {
    const extension = /\\.[A-Za-z0-9]+$/.exec(name)?.[0]
    const types = extension ? [{ accept: { 'application/octet-stream': [extension] } }] : []
    let handle
    try {
      handle = await showSaveFilePicker({ suggestedName: name, types })
    } catch (error) {
      if (error.name === 'AbortError') return false
      throw error
    }
    // The browser writes aside and puts it in its place when it is whole: a full disk leaves what was there.
    const file = await handle.createWritable()
    try {
      await file.write(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
      await file.close()
    } catch (error) {
      await file.abort().catch(() => undefined)
      throw error
    }
    return true
  }`,
} as const
