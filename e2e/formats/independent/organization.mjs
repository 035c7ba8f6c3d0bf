import { fromText } from './bytes.mjs'
import { coseKey, keyId } from './keys.mjs'

// rules.md §1.

/** The one of a roster's members whose device signed, if the statement stands in the roster; else undefined. */
export function standsIn({ payload, signatures }, roster) {
  const member = roster?.members.find((one) => one.member === payload.member)
  if (member === undefined || keyId(member.device.keys.statement) !== payload.device) return undefined
  const [, hardware] = signatures
  const touched = member.authenticators.some(({ publicKey }) => keyId(publicKey) === hardware?.keyid)
  return hardware === undefined || touched ? member : undefined
}

export const isAdmin = (member) => member?.roles.includes('admin') ?? false
const adminsOf = ({ members }) => members.filter(isAdmin)

/** Statements that passed the door, to ask for what rules need. */
export class Statements {
  constructor(statements) {
    this.all = statements
    this.byId = new Map(statements.map((one) => [one.id, one]))
    this.endorsements = new Map()
    for (const one of statements) if (one.kind === 'endorsement') this.#of(this.endorsements, one.payload.of).push(one)
  }

  #of(map, key) {
    if (!map.has(key)) map.set(key, [])
    return map.get(key)
  }

  /** @returns the statement with this id if it is of the kind, else undefined. */
  get(id, kind) {
    const one = this.byId.get(id)
    return one?.kind === kind ? one : undefined
  }

  ofKind = (kind) => this.all.filter((one) => one.kind === kind)

  /** @returns ids of the members who endorsed, by endorsements that stand in the roster. */
  endorsers(id, roster) {
    const those = (this.endorsements.get(id) ?? []).map((one) => standsIn(one, roster)).filter(Boolean)
    return new Set(those.map(({ member }) => member))
  }

  /** Whether more than half of the roster's admins endorsed, by endorsements that stand in it. */
  hasAdminQuorum(id, roster) {
    const endorsers = this.endorsers(id, roster)
    const admins = adminsOf(roster)
    return admins.filter(({ member }) => endorsers.has(member)).length > admins.length / 2
  }
}

/**
 * The organization (rules.md §1).
 *
 * @returns `{code}` if there is none yet, with `roster` the first that is not valid and `vouched` those before it; else `{history, head, splits}`:
 *   history as statements, genesis first; of each split its children.
 */
export function organizationFrom(statements, organization, pin) {
  const genesis = statements.get(organization, 'roster')
  if (genesis?.payload.predecessor !== null) return { code: 'no-genesis' }
  const line = []
  for (let id = pin; id !== null; id = line[0].payload.predecessor) {
    const roster = statements.get(id, 'roster')
    if (roster === undefined) return { code: 'pin-missing' }
    line.unshift(roster)
  }
  const judge = new RosterJudge(statements, organization)
  const lacking = line.find((roster) => !judge.isValid(roster))
  if (lacking !== undefined)
    return { code: 'pin-not-endorsed', roster: lacking, vouched: line.slice(0, line.indexOf(lacking)) }
  const splitBehind = line.some((roster) => judge.validChildren(roster).length > 1)
  const history = [...line]
  for (let next = splitBehind ? [] : judge.validChildren(history.at(-1)); next.length === 1; ) {
    history.push(next[0])
    next = judge.validChildren(next[0])
  }
  return { history, head: history.at(-1), splits: judge.splits() }
}

class RosterJudge {
  #judged = new Map()

  constructor(statements, organization) {
    this.statements = statements
    this.organization = organization
  }

  validChildren = ({ id }) =>
    this.statements.ofKind('roster').filter((one) => one.payload.predecessor === id && this.isValid(one))

  splits() {
    const valid = this.statements.ofKind('roster').filter((roster) => this.isValid(roster))
    return valid.map((roster) => this.validChildren(roster)).filter((children) => children.length > 1)
  }

  isValid(roster) {
    if (!this.#judged.has(roster.id)) this.#judged.set(roster.id, this.#judge(roster))
    return this.#judged.get(roster.id)
  }

  #judge({ id, payload, ...rest }) {
    const { statements } = this
    if (!isWellFormed(payload)) return false
    if (payload.predecessor === null) {
      const endorsers = statements.endorsers(id, payload)
      return id === this.organization && payload.members.every(({ member }) => endorsers.has(member))
    }
    const predecessor = statements.get(payload.predecessor, 'roster')
    return (
      predecessor !== undefined &&
      this.isValid(predecessor) &&
      payload.protocol >= predecessor.payload.protocol &&
      isAdmin(standsIn({ payload, ...rest }, predecessor.payload)) &&
      statements.hasAdminQuorum(id, predecessor.payload) &&
      statements.hasAdminQuorum(id, payload)
    )
  }
}

function isWellFormed(roster) {
  const { members } = roster
  const keys = members.flatMap(({ device, authenticators }) => [
    ...Object.values(device.keys),
    ...authenticators.map(({ publicKey }) => coseKey(fromText(publicKey)).bare.toString('base64url')),
  ])
  const credentials = members.flatMap(({ authenticators }) => authenticators.map(({ credential }) => credential))
  return (
    adminsOf(roster).length > 0 &&
    [members.map(({ member }) => member), members.map(({ name }) => name), keys, credentials].every(
      (those) => new Set(those).size === those.length,
    )
  )
}

/** Checkpoint keys by device, of all these rosters. */
export function checkpointKeys(rosters) {
  const keys = new Map()
  for (const { payload } of rosters)
    for (const { device } of payload.members) {
      const id = keyId(device.keys.statement)
      const had = keys.get(id) ?? []
      const key = fromText(device.keys.checkpoint)
      if (!had.some((one) => one.equals(key))) keys.set(id, [...had, key])
    }
  return keys
}

/** Every other device that the owner of one has or had in these rosters. */
export function kinOf(rosters, device) {
  const members = rosters.flatMap(({ payload }) => payload.members)
  const idOf = (one) => keyId(one.device.keys.statement)
  const owners = new Set(members.filter((one) => idOf(one) === device).map(({ member }) => member))
  return new Set(
    members
      .filter(({ member }) => owners.has(member))
      .map(idOf)
      .filter((id) => id !== device),
  )
}
