import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readArchive, readFuses } from './archive.ts'
import {
  DIST,
  DIST_ELSEWHERE,
  filesBelow,
  foldChunks,
  manifestOf,
  nativeFiles,
  programsAmong,
  root,
  templates,
  unpackedIn,
} from './built.ts'
import { faultsOf } from './papers.ts'

// With Electron's program where it is installed, and around its stand-in where not; what is checked is the same.

const unpacked = unpackedIn(DIST)
const isStandIn = unpacked.includes('stand-in')
const program = join(unpacked, 'lockbox-app')
const archive = readArchive(join(unpacked, 'resources/app.asar'))
const text = (path: string): string => archive.get(path)?.toString('utf8') ?? ''

const OF_ELECTRON = [
  'LICENSE.electron.txt',
  'LICENSES.chromium.html',
  'chrome-sandbox',
  'chrome_100_percent.pak',
  'chrome_200_percent.pak',
  'chrome_crashpad_handler',
  'icudtl.dat',
  'libEGL.so',
  'libGLESv2.so',
  'libffmpeg.so',
  'libvk_swiftshader.so',
  'libvulkan.so.1',
  'locales/en-US.pak',
  'resources.pak',
  'snapshot_blob.bin',
  'v8_context_snapshot.bin',
  'vk_swiftshader_icd.json',
]

const OURS = [
  'lockbox-app',
  'resources/THIRD_PARTY_NOTICES.txt',
  'resources/app.asar',
  ...[...templates().keys()].map((file) => `resources/${file}`),
  'resources/lockbox-verifier.html',
  ...nativeFiles().map((file) => `resources/${file}`),
  'resources/sbom.cdx.json',
  // Added for the Debian package, which is made of Electron itself only.
  ...(isStandIn ? [] : ['resources/apparmor-profile']),
]

describe('the app packaged for Electron', () => {
  it('can be no plain Node, takes no options or debugger from outside, and loads its own archive alone', () => {
    expect(readFuses(program)).toEqual({
      runAsNode: '0',
      cookieEncryption: '1',
      nodeOptions: '0',
      nodeInspect: '0',
      archiveIntegrity: '1',
      onlyArchive: '1',
      ownSnapshot: '0',
      filePrivileges: '0',
      wasmTraps: '1',
    })
  })

  it('brings these files beside Electron’s, and no others', () => {
    expect(filesBelow(unpacked)).toEqual([...OF_ELECTRON, ...OURS].sort())
    expect(statSync(program).mode & 0o777).toBe(0o755)
  })

  it('has these files in its archive, and no others', () => {
    const files = [
      'main/CHUNK.js',
      'main/electron-preload.cjs',
      'main/electron.js',
      'main/worker.js',
      'package.json',
      'renderer/assets/CHUNK.css',
      'renderer/assets/CHUNK.js',
      'renderer/assets/CHUNK.wasm',
      'renderer/index.html',
    ]
    expect(foldChunks(archive)).toEqual({ files, unreached: [] })
  })

  it('starts the program that is there', () => {
    const { name, version, main, type, desktopName } = JSON.parse(text('package.json')) as Record<string, string>
    expect([name, version, type, desktopName]).toEqual([
      'lockbox',
      manifestOf('.').version,
      'module',
      'lockbox-app.desktop',
    ])
    expect(archive.has(main ?? '')).toBe(true)
  })

  it('has the same archive to the byte when somebody else builds it elsewhere', () => {
    const elsewhere = join(unpackedIn(DIST_ELSEWHERE), 'resources/app.asar')
    expect(readFileSync(join(unpacked, 'resources/app.asar')).equals(readFileSync(elsewhere))).toBe(true)
  })

  it('names no folder of the machine it was built on', () => {
    const naming = filesBelow(unpacked).filter((file) => readFileSync(join(unpacked, file)).includes(root))
    expect(naming).toEqual([])
  })

  it('tells truly whose code is in it', async () => {
    const paper = (name: string): string => readFileSync(join(unpacked, 'resources', name), 'utf8')
    const sbomText = paper('sbom.cdx.json')
    const beside = filesBelow(join(unpacked, 'resources')).filter((file) => file.startsWith('node_modules/'))
    const shipped = programsAmong([...archive.keys(), ...beside])
    const papers = { name: 'lockbox', sbomText, notices: paper('THIRD_PARTY_NOTICES.txt'), shipped }
    expect(await faultsOf(papers)).toEqual([])
    expect(sbomText).toContain(`"purl": "pkg:github/electron/electron@v${manifestOf('node_modules/electron').version}"`)
  })

  it('says of itself that it is no app where it is none', () => {
    expect(readFileSync(program).includes('This is no app: it was packaged with a stand-in')).toBe(isStandIn)
  })
})
