import { type ReactNode, type RefObject, useRef, useState } from 'react'
import type { KeyToDeposit } from '../../shared/ipc-values.ts'
import { Check, Choice, Group, Line } from '../ui/fields.tsx'
import { tidyLine, wrongLine } from '../ui/tidy.ts'
import { SecretLine, withLent, withTyped } from '../ui/typed-secret.tsx'

/** A key before it is deposited: typed, or in a file that main reads. */
export interface KeyForm {
  readonly fields: ReactNode
  /** By what people know it: its id, or the path of its file. */
  readonly name: string
  /** What is missing, in words; empty if nothing is. */
  readonly problem: () => string
  /** Gives the key to one call. From then on the fields of secrets are empty. */
  readonly give: Giving
  /** Gives the key to one call, and keeps what was typed for another. */
  readonly lend: Giving
}
type Giving = <Result>(act: (key: KeyToDeposit) => Promise<Result>) => Promise<Result>

/** The fields for a key. @param mfa - serial number of the MFA device whose seed goes with it; null without one. */
export function useKeyForm(mfa: string | null): KeyForm {
  const secret = useRef<HTMLInputElement>(null)
  const seed = useRef<HTMLInputElement>(null)
  const [from, setFrom] = useState<From>('typed')
  const [accessKeyId, setAccessKeyId] = useState('')
  const [path, setPath] = useState('')
  const [wipe, setWipe] = useState(true)
  const giving =
    (take: typeof withTyped): Giving =>
    (act) =>
      take(seed.current, (typedSeed) => {
        const more = mfa === null ? {} : { mfaSeed: typedSeed }
        return from === 'typed'
          ? take(secret.current, (secretAccessKey) =>
              act({ from: 'typed', accessKeyId: tidyLine(accessKeyId), secretAccessKey, ...more }),
            )
          : act({ from: 'file', path, wipe, ...more })
      })
  return {
    fields: (
      <>
        <WhereFrom from={from} onFrom={setFrom} />
        {from === 'typed' ? (
          <TypedKey accessKeyId={accessKeyId} onAccessKeyId={setAccessKeyId} secret={secret} />
        ) : (
          <KeyFile path={path} onPath={setPath} wipe={wipe} onWipe={setWipe} />
        )}
        {mfa !== null && <MfaSeed device={mfa} seed={seed} />}
      </>
    ),
    name: from === 'typed' ? tidyLine(accessKeyId) : path,
    problem: () => {
      const wrong = from === 'typed' ? typedProblem(accessKeyId, secret.current) : path === '' ? 'Name the file.' : ''
      return wrong === '' ? seedProblem(mfa, seed.current) : wrong
    },
    give: giving(withTyped),
    lend: giving(withLent),
  }
}

type From = 'typed' | 'file'

function WhereFrom({ from, onFrom }: { readonly from: From; readonly onFrom: (from: From) => void }) {
  return (
    <Group legend="Where the key comes from" across>
      <Choice
        type="radio"
        name="from"
        label="I type or paste it"
        checked={from === 'typed'}
        onChoose={() => onFrom('typed')}
      />
      <Choice
        type="radio"
        name="from"
        label="From a file on this computer"
        hint="AWS’s own CSV, for example."
        checked={from === 'file'}
        onChoose={() => onFrom('file')}
      />
    </Group>
  )
}

interface TypedKeyProps {
  readonly accessKeyId: string
  readonly onAccessKeyId: (accessKeyId: string) => void
  readonly secret: RefObject<HTMLInputElement | null>
}

function TypedKey({ accessKeyId, onAccessKeyId, secret }: TypedKeyProps) {
  return (
    <div className="card stack">
      <Line label="Access key id" code value={accessKeyId} onValue={onAccessKeyId} maxLength={128} />
      <SecretLine
        label="Secret access key"
        hint="Depositing it empties this field at once; a check before that leaves it here."
        field={secret}
        maxLength={128}
      />
    </div>
  )
}

function MfaSeed({ device, seed }: { readonly device: string; readonly seed: RefObject<HTMLInputElement | null> }) {
  return (
    <div className="card stack">
      <p>
        The plan gives AWS a code of the MFA device <span className="mono exact">{device}</span>.
      </p>
      <SecretLine
        label="Seed of the MFA device"
        hint="The secret key that AWS shows beside the QR code, in letters and digits. It is encrypted and split with the access key."
        field={seed}
        maxLength={200}
      />
    </div>
  )
}

interface KeyFileProps {
  readonly path: string
  readonly onPath: (path: string) => void
  readonly wipe: boolean
  readonly onWipe: (wipe: boolean) => void
}

function KeyFile({ path, onPath, wipe, onWipe }: KeyFileProps) {
  return (
    <div className="card stack">
      <Line
        label="Path of the file"
        code
        value={path}
        onValue={onPath}
        maxLength={1024}
        placeholder="…/Downloads/prod-root_accessKeys.csv"
      />
      <Check
        label="Wipe the file afterwards"
        hint="It is overwritten and deleted. On some disks and in backups copies remain; Lockbox cannot reach those."
        checked={wipe}
        onCheck={onWipe}
      />
    </div>
  )
}

function typedProblem(accessKeyId: string, secret: HTMLInputElement | null): string {
  if (wrongLine(tidyLine(accessKeyId), 128) !== undefined) return 'Enter the access key id.'
  return secret === null || secret.value.trim() === '' ? 'Enter the secret access key.' : ''
}

function seedProblem(device: string | null, seed: HTMLInputElement | null): string {
  if (device === null || /^[A-Za-z2-7]{16,128}$/.test(seed?.value.replace(/[\s=-]/g, '') ?? '')) return ''
  return 'Enter the seed of the MFA device: letters and the digits 2 to 7.'
}
