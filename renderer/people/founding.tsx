import { Download, FileUp, KeyRound, QrCode } from 'lucide-react'
import { useState } from 'react'
import { ScanCodes } from '../codes/scan-codes.tsx'
import { CodeDialog } from '../codes/show-code.tsx'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Line } from '../ui/fields.tsx'
import { type NamedBytes, PickFile } from '../ui/files.tsx'
import { Section } from '../ui/page.tsx'
import { receiptWords } from '../ui/receipt-words.ts'
import { useSave } from '../ui/save.ts'
import { tidyLine, wrongLine } from '../ui/tidy.ts'
import { AddCards, Cards, type Picked, pickedMembers, useCards } from './cards.tsx'
import { groupsOf, PickRoles, type RolesForm, rolesOf, wrongGroups } from './roles.tsx'

/** Two ways into an organization: hand over one's card and a draft comes back; or collect cards and draft it. */
export function Founding() {
  return (
    <>
      <Join />
      <Found />
    </>
  )
}

const HERE = 'The draft is here. Compare its words aloud, then endorse it.'

function Join() {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [open, setOpen] = useState(false)
  const readDraft = (file: NamedBytes) =>
    action.run(async () => {
      const receipt = await client.exchange.readFile(file)
      // Anything may have been in it.
      confirm(receipt.draft === null ? receiptWords(receipt) : HERE)
    })
  return (
    <Section title="Hand over your card">
      <p>
        Your card holds your name, your wishes and your public keys. Give it to the founder, or to an admin of an
        organization that exists: as a file, or held up to their camera. What comes back is a draft.
      </p>
      <div className="row">
        <Button icon={Download} onClick={() => setOpen(true)}>
          My card…
        </Button>
        <PickFile label="Open a draft" icon={FileUp} busy={action.busy} onFile={readDraft} onWrong={action.fail} />
        <ScanCodes />
      </div>
      {action.trouble}
      {open && <SaveCard onClose={() => setOpen(false)} />}
    </Section>
  )
}

function SaveCard({ onClose }: { readonly onClose: () => void }) {
  const { client } = useApp()
  const { busy, trouble, save } = useSave()
  const [form, setForm] = useState<RolesForm>({ roles: ['approver'], groups: '' })
  const [showing, setShowing] = useState(false)
  const fits = form.roles.length > 0 && wrongGroups(form) === undefined
  const wish = { roles: rolesOf(form), groups: groupsOf(form) }
  const card = () => client.people.card(wish)
  if (showing)
    return (
      <CodeDialog
        choices={[{ name: 'My card', label: 'Code of my card', make: () => client.people.cardCode(wish) }]}
        onClose={onClose}
      >
        Your card holds your name, how to reach you, and public keys.
      </CodeDialog>
    )
  return (
    <Dialog
      title="What do you wish to be?"
      onClose={onClose}
      actions={
        <>
          <Button kind="primary" big icon={Download} busy={busy} off={!fits} onClick={() => save(card, onClose)}>
            Save my card
          </Button>
          <Button big icon={QrCode} off={!fits} onClick={() => setShowing(true)}>
            Show as a code
          </Button>
          <Button big onClick={onClose}>
            Go back
          </Button>
        </>
      }
    >
      <p className="muted">Whoever drafts the organization may change this; everybody sees it before endorsing.</p>
      <PickRoles of="you" form={form} onForm={setForm} />
      {trouble}
    </Dialog>
  )
}

function Found() {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const { cards, add, look } = useCards(action)
  const [picked, setPicked] = useState<ReadonlyMap<string, Picked>>(new Map())
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const members = pickedMembers(cards, picked)
  const organization = tidyLine(name)
  const found = () => {
    setTried(true)
    if (wrongLine(organization, 64) !== undefined || members === null || members.length === 0) return
    action.run(async () => {
      const draft = await client.people.found({ organization, members })
      const what = `the founding of ${organization}`
      if ((await desk.review(draft, `Draft ${what}`, `draft ${what}`)) === 'done')
        confirm('The draft is made. Save it, and hand it to all founders.')
    })
  }
  return (
    <Section title="Found an organization" aside={<AddCards action={action} add={add} look={look} />}>
      <p>
        One person does this: collect everybody’s card, say who is what, and draft. All founders then compare 12 words
        aloud and endorse.
      </p>
      <Line
        label="Organization name"
        value={name}
        onValue={setName}
        wrong={tried ? wrongLine(organization, 64) : undefined}
        maxLength={64}
      />
      <Cards cards={cards} picked={picked} onPicked={setPicked} />
      {action.trouble}
      <div className="row">
        <Button kind="primary" big icon={KeyRound} busy={action.busy} onClick={found}>
          Draft the founding with {members?.length ?? 0} {members?.length === 1 ? 'person' : 'people'}
        </Button>
        {members === null && <p className="muted">Give everybody at least one role.</p>}
        {tried && members?.length === 0 && (
          <p className="wrong-line" role="alert">
            Add the cards first, your own among them.
          </p>
        )}
      </div>
    </Section>
  )
}
