import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { TemplateView } from '../../shared/ipc-values.ts'
import { emergencyName, PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import { useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Check, Choice, Group, Line, Text } from '../ui/fields.tsx'
import { moved, toggled } from '../ui/lists.ts'
import { Select } from '../ui/select.tsx'
import { durationWords } from '../ui/time-words.ts'
import { withCredential } from './credential-key.ts'
import { MoveButtons } from './move-buttons.tsx'
import { DURATIONS, iamOf, type PlanEdit, region } from './plan-model.ts'

/** One part of the form. */
export interface PartProps {
  readonly edit: PlanEdit
  /** What the plan began with; null for a new version of one that exists. */
  readonly template: TemplateView | null
  readonly set: (change: Partial<PlanEdit>) => void
}

/** What the plan is called, which credential it uses, and what access it gives. */
export function AccessPart({ edit, template, set }: PartProps) {
  const emergencies = [...new Set([...PLAN_TEMPLATES.map(({ emergency }) => emergency), ...edit.emergencies])]
  return (
    <section className="card stack" aria-label="What it gives">
      <h2>What it gives</h2>
      <Line label="Plan name" value={edit.name} onValue={(name) => set({ name })} maxLength={64} />
      <Text
        label="Runbook"
        hint="What to do at 3 a.m. It is part of the plan: whoever asks and whoever decides reads exactly this."
        rows={14}
        value={edit.runbook}
        onValue={(runbook) => set({ runbook })}
      />
      <Group legend="Counts in" hint="The emergencies in which it may be asked for.">
        {emergencies.map((emergency) => (
          <Choice
            key={emergency}
            type="checkbox"
            name="emergencies"
            label={emergencyName(emergency)}
            checked={edit.emergencies.includes(emergency)}
            onChoose={(on) => set({ emergencies: toggled(edit.emergencies, emergency, on) })}
          />
        ))}
      </Group>
      <Credential edit={edit} set={set} />
      <Line
        label="AWS role"
        hint={
          <>
            The role that a session is issued for, as arn:aws:iam::123456789012:role/emergency.
            {template !== null && ` ${template.scope}`}
          </>
        }
        code
        value={edit.roleArn}
        onValue={(roleArn) => set({ roleArn })}
      />
      <Text
        label="Session policy"
        hint="JSON that narrows the role. Empty: all that the role may do."
        code
        rows={10}
        value={edit.sessionPolicy}
        onValue={(sessionPolicy) => set({ sessionPolicy })}
      />
      <Regions edit={edit} set={set} />
      <Trust edit={edit} set={set} />
      <Afterwards edit={edit} set={set} />
      <Group legend="Durations that may be asked for" across>
        {DURATIONS.map((minutes) => (
          <Choice
            key={minutes}
            type="checkbox"
            name="durations"
            label={durationWords(minutes * 60)}
            checked={edit.durations.includes(minutes)}
            onChoose={(on) => set({ durations: toggled(edit.durations, minutes, on) })}
          />
        ))}
      </Group>
      <Check
        label="Locking the requester’s app ends a running session"
        checked={edit.lockEndsSession}
        onCheck={(lockEndsSession) => set({ lockEndsSession })}
      />
    </section>
  )
}

function Credential({ edit, set }: Omit<PartProps, 'template'>) {
  const { plans, generations } = useSnapshot()
  const known = [...new Map(plans.map(({ credential }) => [credential.credential, credential.name])).entries()]
  if (edit.replaces !== null) return null
  return (
    <>
      {known.length > 0 && (
        <Select
          label="Credential"
          value={edit.credential ?? ''}
          onValue={(chosen) => {
            const found = known.find(([id]) => id === chosen)
            set(withCredential(edit, found === undefined ? null : { id: found[0], name: found[1] }, generations))
          }}
          options={[['', 'A new credential'], ...known]}
        />
      )}
      {edit.credential === null && (
        <Line
          label="Name of the credential"
          hint="Such as prod-root; it is in every sentence about it."
          value={edit.credentialName}
          onValue={(credentialName) => set({ credentialName })}
          maxLength={64}
        />
      )}
    </>
  )
}

/** What a trust policy may ask for beside the key. Most ask for none of it. */
function Trust({ edit, set }: Omit<PartProps, 'template'>) {
  // As it was when the form opened: it must not shut while somebody empties a field.
  const [isOpen] = useState(edit.externalId + edit.chain + edit.mfa !== '' || edit.sessionToken)
  return (
    <details open={isOpen}>
      <summary>If the role’s trust policy asks for more</summary>
      <div className="stack">
        <Line
          label="External id"
          hint="What the trust policy compares with sts:ExternalId."
          code
          value={edit.externalId}
          onValue={(externalId) => set({ externalId })}
        />
        <Text
          label="Roles on the way"
          hint="One a line, the first one first, each with its external id after a space if it has one. AWS gives an hour at most over them."
          code
          rows={2}
          value={edit.chain}
          onValue={(chain) => set({ chain })}
        />
        <Line
          label="MFA device"
          hint="Serial number of the user’s virtual device, as arn:aws:iam::123456789012:mfa/emergency. Its seed is deposited with the key and split like it."
          code
          value={edit.mfa}
          onValue={(mfa) => set({ mfa })}
        />
        <Check
          label="Begin with GetSessionToken"
          hint="AWS takes an MFA code once; with this a second region can be asked without waiting for the next code."
          checked={edit.sessionToken}
          onCheck={(sessionToken) => set({ sessionToken })}
        />
      </div>
    </details>
  )
}

const SOURCES = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html'

/** What ends a session at its source, and what replaces the key that was used. */
function Afterwards({ edit, set }: Omit<PartProps, 'template'>) {
  const [isOpen] = useState(edit.revoker + edit.rotator !== '')
  const own = iamOf(edit.roleArn)
  return (
    <details open={isOpen}>
      <summary>What happens afterwards</summary>
      <div className="stack">
        <p className="hint">
          AWS cannot recall a session, only deny it, by a policy on its role ({SOURCES}). With a role that may do so, “I
          am done” and one custodian’s order end a session at once; without, it lives until its time is over.
        </p>
        <Line
          label="Role that may end a session"
          hint="As arn:aws:iam::123456789012:role/lockbox-revoker, of the templates that Credentials saves. In the account of the role above. Empty: nobody may."
          code
          value={edit.revoker}
          onValue={(revoker) => set({ revoker })}
        />
        <Line
          label="Role that may replace the key"
          hint="As arn:aws:iam::123456789012:role/lockbox-rotator, in the account of the IAM user. Empty: the key is replaced by hand."
          code
          value={edit.rotator}
          onValue={(rotator) => set({ rotator })}
        />
        <Line
          label="IAM user whose key it is"
          hint="As lockbox-emergency, without a path. Needed with the role that may replace the key."
          code
          value={edit.user}
          onValue={(user) => set({ user })}
        />
        <Line
          label="Where IAM is asked: region"
          hint={`Empty, with the endpoint: AWS’s own${own === undefined ? '' : `, ${own.region}`}.`}
          code
          value={edit.iamRegion}
          onValue={(iamRegion) => set({ iamRegion })}
        />
        <Line
          label="Where IAM is asked: endpoint"
          hint={own === undefined ? 'Of the partition of the role.' : own.endpoint}
          code
          value={edit.iamEndpoint}
          onValue={(iamEndpoint) => set({ iamEndpoint })}
        />
      </div>
    </details>
  )
}

function Regions({ edit, set }: Omit<PartProps, 'template'>) {
  const change = (at: number, part: Partial<PlanEdit['regions'][number]>) =>
    set({ regions: edit.regions.map((one, index) => (index === at ? { ...one, ...part } : one)) })
  return (
    <fieldset className="group stack-8">
      <legend>Regions, tried in this order</legend>
      <p className="hint">Regional STS endpoints; the next one is tried when the one before does not answer.</p>
      <ol className="stack-8">
        {edit.regions.map((one, at) => (
          // A region's place is what it is; typing into one must not make it another.
          <li key={at} className="region">
            <Line
              label={`Region ${at + 1}`}
              code
              value={one.region}
              onValue={(name) => change(at, renamed(one, name))}
            />
            <Line
              label={`Endpoint ${at + 1}`}
              code
              value={one.endpoint}
              onValue={(endpoint) => change(at, { endpoint })}
            />
            <span className="row">
              <MoveButtons
                name={`region ${at + 1}`}
                at={at}
                of={edit.regions.length}
                onMove={(by) => set({ regions: moved(edit.regions, at, by) })}
              />
              {edit.regions.length > 1 && (
                <Button
                  kind="quiet"
                  icon={Trash2}
                  onClick={() => set({ regions: edit.regions.filter((_, index) => index !== at) })}
                >
                  Remove region {at + 1}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ol>
      {edit.regions.length < 8 && (
        <div className="row">
          <Button icon={Plus} onClick={() => set({ regions: [...edit.regions, region('eu-central-1')] })}>
            Add a region
          </Button>
        </div>
      )}
    </fieldset>
  )
}

/** A typed region takes its endpoint along, as long as nobody wrote an endpoint of their own. */
function renamed(one: PlanEdit['regions'][number], name: string): Partial<PlanEdit['regions'][number]> {
  return one.endpoint === region(one.region).endpoint ? region(name) : { region: name }
}
