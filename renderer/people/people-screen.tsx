import { UserRoundPen } from 'lucide-react'
import { useGo, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Founding } from './founding.tsx'
import { PersonRow } from './person-row.tsx'
import { HandOver, OvertakenDraft, RosterDraft } from './roster-draft.tsx'
import { Words } from './words.tsx'

/** Who is in it; and before that, how it comes to be. */
export function PeopleScreen() {
  const { stage, organization, people, drafts, me } = useSnapshot()
  const go = useGo()
  const member = stage === 'member'
  return (
    <Page
      headline={
        member
          ? `${people.length} ${people.length === 1 ? 'member' : 'members'} of ${organization?.name ?? ''}`
          : 'Found or join an organization'
      }
    >
      {drafts
        .filter(({ overtaken }) => !overtaken)
        .map((draft) => (
          <RosterDraft key={draft.id} draft={draft} />
        ))}
      {!member && <Founding />}
      {member && (
        <Section
          title="Members"
          aside={
            me?.roles.includes('admin') && (
              <Button icon={UserRoundPen} onClick={() => go({ screen: 'change-people' })}>
                Change the roster
              </Button>
            )
          }
        >
          <ul className="list">
            {people.map((person) => (
              <PersonRow key={person.member} person={person} />
            ))}
          </ul>
        </Section>
      )}
      {member && organization !== null && (
        <Section title="This roster">
          <p className="muted">
            Version {organization.version} of <Exact>{organization.name}</Exact>. These 12 words are the same on every
            member’s device.
          </p>
          <Words words={organization.words} />
          <p>Whoever joins takes this list in, with all endorsements, and compares its words aloud with you.</p>
          <HandOver roster={organization.roster} mine={false} what="list" />
        </Section>
      )}
      {drafts
        .filter(({ overtaken }) => overtaken)
        .map((draft) => (
          <OvertakenDraft key={draft.id} draft={draft} />
        ))}
    </Page>
  )
}
