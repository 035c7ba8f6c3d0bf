import type { Role } from '../../shared/statements/fields.ts'
import { groupField } from '../../shared/statements/fields.ts'
import { Choice, Group, Line } from '../ui/fields.tsx'
import { toggled } from '../ui/lists.ts'

/** Roles with what they mean, in the order people think of them. */
const ROLES: readonly (readonly [role: Role, name: string, says: string])[] = [
  ['approver', 'Approver', 'Holds shares and decides.'],
  ['commander', 'Commander', 'Asks for access and uses it.'],
  ['admin', 'Admin', 'People, plans and deposits.'],
  ['auditor', 'Auditor', 'Reads, verifies and exports.'],
]

/** Roles and groups of one person, as typed. */
export interface RolesForm {
  readonly roles: readonly Role[]
  /** Names with commas between. */
  readonly groups: string
}

/** The groups of a form: sorted, each once. */
export function groupsOf(form: RolesForm): string[] {
  const names = form.groups.split(/[\s,]+/).filter((name) => name !== '')
  return [...new Set(names)].sort()
}

/** Roles in the order that the formats want. */
export function rolesOf(form: RolesForm): Role[] {
  return [...form.roles].sort()
}

/** What is wrong with the groups, if anything. */
export function wrongGroups(form: RolesForm): string | undefined {
  const odd = groupsOf(form).find((name) => !groupField.safeParse(name).success)
  return odd === undefined ? undefined : `“${odd}”: a group is lower-case letters, digits and hyphens, letter first.`
}

interface PickRolesProps {
  /** Whose roles these are, so that each control has a name of its own. */
  readonly of: string
  readonly form: RolesForm
  readonly onForm: (form: RolesForm) => void
}

/** Picks roles and groups of one person. */
export function PickRoles({ of, form, onForm }: PickRolesProps) {
  return (
    <div className="stack">
      <Group legend={`Roles of ${of}`} across>
        {ROLES.map(([role, name, says]) => (
          <Choice
            key={role}
            type="checkbox"
            name={`role-${role}`}
            label={name}
            hint={says}
            checked={form.roles.includes(role)}
            onChoose={(on) => onForm({ ...form, roles: toggled(form.roles, role, on) })}
          />
        ))}
      </Group>
      <Line
        label={`Groups of ${of}`}
        hint="Such as security, platform. Plans can ask for approvals from a group. May stay empty."
        value={form.groups}
        onValue={(groups) => onForm({ ...form, groups })}
        wrong={wrongGroups(form)}
      />
    </div>
  )
}
