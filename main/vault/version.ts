/** Why something of another version is not opened. */
export type VersionErrorCode = 'newer-version' | 'older-version'

/** A version that this app does not know, and what to say of it. */
export interface VersionFault {
  readonly code: VersionErrorCode
  readonly says: string
}

/**
 * Compares what a file says its format is with the one this app knows. Only one version of each format exists yet; the
 * first later one brings the way to open the one before.
 *
 * @param found - as it stands in the file, such as `lockbox/vault/v2`.
 * @param known - such as `lockbox/vault/v1`.
 * @returns null if they are the same, or if what was found is no version of that format at all.
 */
export function versionFault(found: string, known: string): VersionFault | null {
  const [theirs, ours] = [parsed(found), parsed(known)]
  if (theirs === null || ours === null || theirs.format !== ours.format || theirs.version === ours.version) return null
  const code = theirs.version > ours.version ? 'newer-version' : 'older-version'
  return { code, says: `has version ${theirs.version} of its format; this Lockbox knows version ${ours.version}` }
}

function parsed(text: string): { format: string; version: number } | null {
  const [, format, digits] = /^(lockbox\/[a-z-]+)\/v(\d{1,6})$/.exec(text) ?? []
  return format === undefined ? null : { format, version: Number(digits) }
}
