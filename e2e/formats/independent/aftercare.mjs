import { isAdmin, standsIn } from './organization.mjs'

// rules.md §5 and §9: what ends a session early, and what retires the key that a grant used.

/** Custodians' orders to end the session of a grant, and word that AWS has its deny: `{revokes, denies}` as far as they count. */
export function ordersOf(statements, history, grant, plan) {
  const later = from(history, grant)
  const isCustodians = (one) =>
    plan.custodians.includes(one.payload.member) && later.some((roster) => standsIn(one, roster))
  const revokes = naming(statements, 'revoke', grant).filter(isCustodians)
  const policy = `lockbox-${statements.get(grant.payload.basis.issuing, 'issuing').payload.sessionName}`
  const denies = naming(statements, 'revoked', grant)
    .filter((one) => one.payload.device === grant.payload.device || isCustodians(one))
    .filter((one) => one.payload.policy === policy)
  return { revokes, denies }
}

/** Deposits of the keys that were used and of which a device that began to replace them says that they were deleted. */
export function retiredBy(statements, history, grants) {
  return new Set(grants.filter((grant) => isDeleted(statements, history, grant)).map(depositOf))
}

const depositOf = ({ payload }) => payload.basis.deposit

function isDeleted(statements, history, grant) {
  const later = from(history, grant)
  const used = statements.get(depositOf(grant), 'deposit').payload.header
  const devices = naming(statements, 'rotating', grant)
    .filter(({ payload }) => payload.deposit === depositOf(grant))
    .filter((one) => later.some((roster) => isAdmin(standsIn(one, roster))))
    .map(({ payload }) => payload.device)
  return naming(statements, 'rotated', grant).some(({ payload }) => {
    const next = statements.get(payload.deposit, 'deposit')?.payload.header
    return (
      payload.step === 'deleted' &&
      devices.includes(payload.device) &&
      payload.accessKeyId === used.accessKeyId &&
      next !== undefined &&
      next.credential === used.credential &&
      next.generation > used.generation &&
      next.accessKeyId !== used.accessKeyId
    )
  })
}

const naming = (statements, kind, grant) =>
  statements
    .ofKind(kind)
    .filter(({ payload }) => payload.grant === grant.id && payload.request === grant.payload.request)

const from = (history, grant) =>
  history.slice(history.findIndex(({ id }) => id === grant.payload.basis.roster)).map(({ payload }) => payload)
