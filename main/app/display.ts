import { join } from 'node:path'
import { JcsError, jcs, parseJcs } from '../../shared/jcs.ts'
import { lineField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { diskFs, replaceFile } from '../vault/files.ts'

const displayField = z.strictObject({
  name: lineField(64, 0),
  contact: lineField(128, 0),
  deviceName: lineField(64, 0),
  organization: lineField(64, 0),
  idleMinutes: z.int().min(1).max(15),
  /** How long the log is kept here: nothing is removed without its owner's touch. */
  retention: z.enum(['12-months', '6-years']).default('6-years'),
  addresses: z.array(lineField(256)).max(64),
  /** Whether a vault was made in this profile: one that is missing is then no reason to make another. */
  vault: z.boolean().default(false),
})

/**
 * What the lock screen shows, and settings that are no secret: the names that people gave, idle minutes, typed
 * addresses. It lies beside the vault in the clear (0600); nothing is believed because it stands here.
 */
export type Display = z.infer<typeof displayField>

const EMPTY: Display = {
  name: '',
  contact: '',
  deviceName: '',
  organization: '',
  idleMinutes: 10,
  retention: '6-years',
  addresses: [],
  vault: false,
}

/** Whether the profile had a vault: said so outright, and by what only an opened vault can know. */
export function hadVault({ vault, organization }: Display): boolean {
  return vault || organization !== ''
}

/** Reads it; what cannot be read counts as empty: the vault gives the names back, and says what it cannot give. */
export async function loadDisplay(profileDir: string): Promise<Display> {
  const bytes = await diskFs.readAll(fileIn(profileDir))
  if (bytes === null) return EMPTY
  try {
    return displayField.catch(EMPTY).parse(parseJcs(bytes))
  } catch (error) {
    if (error instanceof JcsError) return EMPTY
    throw error
  }
}

/** Replaces it, whole. */
export async function saveDisplay(profileDir: string, display: Display): Promise<void> {
  await replaceFile(diskFs, fileIn(profileDir), jcs(displayField.parse(display)))
}

function fileIn(profileDir: string): string {
  return join(profileDir, 'display.json')
}
