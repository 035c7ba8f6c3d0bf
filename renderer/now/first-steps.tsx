import { Users } from 'lucide-react'
import { useGo, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'

/** What comes after the keys and before an organization: founding one, or joining one. */
export function FirstSteps() {
  const { stage } = useSnapshot()
  const go = useGo()
  const founding = stage === 'founding'
  return (
    <Page
      headline={founding ? 'Your organization is being founded' : 'Your keys are ready; your organization comes next'}
    >
      <p className="large">
        {founding
          ? 'Every founder compares the 12 words aloud and endorses them with a key. It exists when all have.'
          : 'To be founded together, or joined: everybody hands their card to one founder, who drafts the organization; then all compare its 12 words aloud and endorse.'}
      </p>
      <div className="row">
        <Button kind="primary" big icon={Users} onClick={() => go({ screen: 'people' })}>
          Open People
        </Button>
      </div>
    </Page>
  )
}
