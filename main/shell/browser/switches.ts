import { refuseRoot } from '../root.ts'

/**
 * The browser's command line. It is world-readable while the browser runs, so no secret may ever stand in it.
 * `MAP * ~NOTFOUND` with no proxy is what keeps the window off the network; the rest only lessens the attempts.
 */
const SWITCHES = [
  '--remote-debugging-pipe',
  '--app=data:text/html,<title>Lockbox</title>',
  // By this the desktop knows the window as ours (StartupWMClass), not as the browser's.
  '--class=lockbox-app',
  // Large enough that who, what, how long and why stand together without scrolling.
  '--window-size=1200,820',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-extensions',
  '--disable-component-extensions-with-background-pages',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--no-pings',
  '--disable-quic',
  '--disable-default-apps',
  '--disable-search-engine-choice-screen',
  // Going back must never show a document from before the lock.
  '--disable-features=Translate,OptimizationHints,MediaRouter,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,LensOverlay,BackForwardCache',
  '--disable-back-forward-cache',
  '--no-proxy-server',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  // WebRTC would otherwise send to addresses that need no resolving.
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy',
  // No switch keeps crash dumps off the disk (and --disable-crashpad-for-testing kills the network service over and
  // over); crash-dumps.ts does.
]

/** What a start of the browser depends on. */
export interface StartConditions {
  readonly userDataDir: string
  readonly isRoot: boolean
  /** Test machines only: root has no sandbox, and a browser without one is no place for secrets. */
  readonly allowRoot: boolean
}

/**
 * The browser's arguments.
 *
 * @throws {ShellError} `root-refused` for root where that was not allowed outright.
 */
export function switchesFor({ userDataDir, isRoot, allowRoot }: StartConditions): string[] {
  refuseRoot({ isRoot, allowRoot })
  const asRoot = isRoot ? ['--no-sandbox', '--test-type'] : []
  return [...SWITCHES, `--user-data-dir=${userDataDir}`, ...asRoot, ...testSwitches()]
}

/** Set by the bundler: true only in the build for end-to-end tests (`build.mjs --e2e`). */
declare const LOCKBOX_E2E: boolean

/**
 * What an end-to-end test adds (a port, headless, a fake camera) as a JSON array in `LOCKBOX_E2E_SWITCHES`. In the
 * product's build this function is empty: a debugging port would hand the vault to every user of the machine.
 */
function testSwitches(): string[] {
  if (typeof LOCKBOX_E2E === 'undefined' || !LOCKBOX_E2E) return []
  const switches: unknown = JSON.parse(process.env['LOCKBOX_E2E_SWITCHES'] ?? '[]')
  return Array.isArray(switches) ? switches.filter((item) => typeof item === 'string') : []
}

/** The browser's environment: ours, without what could add arguments to it, and with a place for its crash dumps. */
export function environmentFor(
  environment: Readonly<Record<string, string | undefined>>,
  dumpDir: string,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !/^(CHROM(E|IUM)_.*FLAGS|NODE_.*|AWS_.*|LOCKBOX_.*)$/.test(name)) kept[name] = value
  }
  return { ...kept, BREAKPAD_DUMP_LOCATION: dumpDir }
}
