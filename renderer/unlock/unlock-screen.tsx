import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { Notice } from '../../shared/ceremony.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { Notices } from '../ceremony/notices.tsx'
import { PinNote } from '../ceremony/pin-note.tsx'
import { useApp, useSnapshot } from '../store/app.ts'
import { Alone } from '../ui/alone.tsx'
import { Button } from '../ui/button.tsx'
import { DiskNotes } from '../ui/disk-notes.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { KeyName } from '../ui/key-name.tsx'
import { Page } from '../ui/page.tsx'
import { HeldShare } from './held-share.tsx'
import { LockedMail } from './locked-mail.tsx'

const BECAUSE: Readonly<Record<NonNullable<Snapshot['vault']['lockedBecause']>, string>> = {
  start: '',
  button: 'You locked it.',
  idle: 'Nobody used it for a while.',
  screen: 'The screen was locked.',
  suspend: 'The computer slept.',
  quit: '',
}

/** The locked vault: whose it is, which keys open it, and how much waits behind it. */
export function UnlockScreen() {
  const { client, desk } = useApp()
  const { vault } = useSnapshot()
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const unlock = async () => {
    const { notices } = await desk.run(client.vault.unlock(), { doing: 'unlock Lockbox', draft: null })
    setNotices(notices)
  }
  const because = vault.lockedBecause === null ? '' : BECAUSE[vault.lockedBecause]
  return (
    <Alone>
      <Page headline="Lockbox is locked">
        <p className="large">
          {vault.organizationName === '' ? (
            <Exact>{vault.personName}</Exact>
          ) : (
            <>
              <Exact>{vault.organizationName}</Exact> · <Exact>{vault.personName}</Exact>
            </>
          )}
          , on <Exact>{vault.deviceName}</Exact>. {because}
        </p>
        {vault.waiting > 0 && (
          <p className="large">
            <strong>{vault.waiting === 1 ? '1 thing waits' : `${vault.waiting} things wait`} behind the lock.</strong>
          </p>
        )}
        <HeldShare until={vault.shareUntil} />
        <LockedMail mail={vault.mail} />
        <DiskNotes />
        <PinNote />
        <Notices notices={[...vault.notices, ...notices]} />
        <div className="row">
          <Button kind="primary" big icon={KeyRound} onClick={() => void unlock()}>
            Unlock with my key
          </Button>
        </div>
        <div className="stack-8">
          <p className="muted">Either of your keys opens it:</p>
          <ul className="row" aria-label="Enrolled keys">
            {vault.keys.map(({ name, model }) => (
              <li key={name} title={model}>
                <KeyName>{name}</KeyName>
              </li>
            ))}
          </ul>
        </div>
      </Page>
    </Alone>
  )
}
