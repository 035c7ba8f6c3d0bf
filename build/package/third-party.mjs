// The third-party packages that are shipped, with their licences. Shipping one whose licence nobody looked at must not be
// possible by accident, so anything unknown ends the build.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Licences under which code may be shipped with ours (Apache-2.0), as SPDX names them. They ask for their text, which
 * THIRD_PARTY_NOTICES.txt gives, and for nothing else; the Unlicense for not even that.
 */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']

/** Where a package lets us choose: what we take. The texts of both are enclosed. */
const CHOSEN = new Map([['(MIT OR Apache-2.0)', 'MIT']])

/** A package of machine code comes without the text of its licence, which is that of the package it was made of. */
const MADE_OF = [{ made: /\/@lydell\/node-pty-[a-z0-9]+-[a-z0-9]+$/, of: 'node_modules/@lydell/node-pty' }]

/**
 * @typedef {object} ThirdParty - one shipped package.
 * @property {string} folder - where it was taken from, for example `node_modules/zod`.
 * @property {string} name
 * @property {string} version
 * @property {string} licence - one of {@link ALLOWED}.
 * @property {string[]} texts - its licence and notices, word for word.
 * @property {string | null} sha512 - of the package as published, hexadecimal, from the lock file.
 * @property {string[]} needs - folders of other shipped packages that it asks for.
 */

/** @typedef {{ name: string, version: string, license?: unknown, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} PackageJson */

/**
 * Looks up shipped packages, sorted by name and version.
 *
 * @param {string} root - the project's folder.
 * @param {readonly string[]} folders - relative to it.
 * @returns {ThirdParty[]}
 * @throws {Error} naming every package whose licence is not allowed or has no text.
 */
export function thirdParty(root, folders) {
  const lock = /** @type {{ packages: Record<string, { integrity?: string }> }} */ (
    readJson(join(root, 'package-lock.json'))
  )
  const known = new Set(folders)
  /** @type {string[]} */
  const faults = []
  const found = folders.map((folder) => {
    const manifest = /** @type {PackageJson} */ (readJson(join(root, folder, 'package.json')))
    const madeOf = MADE_OF.find(({ made }) => made.test(folder))?.of
    const texts = textsIn(join(root, madeOf ?? folder))
    const licence = typeof manifest.license === 'string' ? (CHOSEN.get(manifest.license) ?? manifest.license) : null
    if (texts.length === 0 && licence === 'Apache-2.0') texts.push(textOf(join(root, 'LICENSE')))
    const fault = licenceFault(licence, texts)
    if (fault !== null) faults.push(`${manifest.name} ${manifest.version} ${fault}`)
    const asked = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    const needs = asked.map((name) => resolved(known, folder, name))
    return {
      folder,
      name: manifest.name,
      version: manifest.version,
      licence: String(licence),
      texts,
      sha512: sha512From(lock.packages[folder]?.integrity),
      needs: needs.filter((at) => at !== null).sort(),
    }
  })
  if (faults.length > 0) throw new Error(`these packages may not be shipped:\n  ${faults.join('\n  ')}`)
  return found.sort((a, b) => compare(`${a.name}@${a.version}`, `${b.name}@${b.version}`))
}

/**
 * Why a package may not be shipped, or null.
 *
 * @param {unknown} licence - as its package.json says.
 * @param {readonly string[]} texts
 */
function licenceFault(licence, texts) {
  if (typeof licence !== 'string' || !ALLOWED.includes(licence)) {
    return `has the licence ${JSON.stringify(licence ?? null)}; read it, and if it may be shipped add it in build/package/third-party.mjs`
  }
  return texts.length === 0 ? `comes without the text of its licence (${licence})` : null
}

/**
 * The licence and notice files of a package. Apache-2.0 names no holder in its text, so a package that forgot to enclose
 * it can be given ours; the text of others is a matter of their own.
 *
 * @param {string} folder
 */
function textsIn(folder) {
  const names = readdirSync(folder).filter(
    (name) => /^(licen[cs]e|copying|notice)/i.test(name) && !/\.(js|ts)$/.test(name),
  )
  return names.sort().map((name) => textOf(join(folder, name)))
}

/** @param {string} path @returns {unknown} */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** @param {string} path */
const textOf = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim()

/**
 * Where Node would find what a package asks for, among the shipped ones.
 *
 * @param {ReadonlySet<string>} known @param {string} folder @param {string} name
 */
function resolved(known, folder, name) {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (known.has(candidate)) return candidate
    if (at === '') return null
  }
}

/** @param {string | undefined} integrity - as in a lock file: `sha512-<base64>`. */
function sha512From(integrity) {
  const text = /^sha512-([A-Za-z0-9+/=]+)$/.exec(integrity ?? '')?.[1]
  return text === undefined ? null : Buffer.from(text, 'base64').toString('hex')
}

/** @param {string} a @param {string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/**
 * What people are given to read: every shipped package, and each text once with those it belongs to.
 *
 * @param {readonly ThirdParty[]} packages
 */
export function noticesText(packages) {
  /** @type {Map<string, { text: string, of: string[] }>} */
  const byText = new Map()
  for (const { name, version, licence, texts } of packages) {
    for (const text of texts) {
      const key = createHash('sha256').update(text).digest('hex')
      const entry = byText.get(key) ?? { text, of: [] }
      entry.of.push(`${name} ${version} (${licence})`)
      byText.set(key, entry)
    }
  }
  const line = '='.repeat(100)
  const parts = [...byText.values()].map(({ text, of }) => `${line}\n${of.join('\n')}\n${line}\n\n${text}\n`)
  return `Lockbox contains code of these packages. Lockbox itself is licensed under Apache-2.0.\n\n${parts.join('\n')}`
}
