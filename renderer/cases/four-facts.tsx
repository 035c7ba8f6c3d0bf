import type { CaseView } from '../../shared/views/case-views.ts'
import { isDecidable } from '../store/needs.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Moment } from '../ui/time.tsx'
import { durationWords } from '../ui/time-words.ts'
import { PURPOSES } from './words.ts'

/** Who, what, how long, why: always together. */
export function FourFacts({ one }: { readonly one: CaseView }) {
  return (
    <dl className="four">
      <div>
        <dt>Who</dt>
        <dd>
          <Exact>{one.requester.name}</Exact>
        </dd>
      </div>
      <div>
        <dt>How long</dt>
        <dd>
          {one.forNobody ? 'No access' : durationWords(one.seconds)}
          {one.purpose === 'access' ? '' : ` · ${PURPOSES[one.purpose].toLowerCase()}`}
        </dd>
      </div>
      <div className="wide">
        <dt>What</dt>
        <dd>
          <strong>
            <Exact>{one.credential}</Exact>
          </strong>
          <span className="muted small">
            {' '}
            <Exact>{one.account}</Exact>
          </span>
        </dd>
      </div>
      {one.purpose === 'rotation' && <Rotation one={one} />}
      <div className="wide">
        <dt>Why</dt>
        <dd>
          <Exact>{one.emergency}</Exact>: <Exact>{one.what}</Exact>
          {one.reference !== '' && (
            <>
              {' '}
              <span className="muted reference">
                (<Exact>{one.reference}</Exact>)
              </span>
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}

/** The app of whoever asks should not have let it be asked for then. */
function Needless({ already: { by, onItsWay } }: Pick<CaseView, 'already'>) {
  if (by.length > 0)
    return (
      <strong>
        {' '}
        <Exact>{by.map(({ name }) => name).join(', ')}</Exact> already {by.length > 1 ? 'have' : 'has'} what may replace
        it: ask why.
      </strong>
    )
  return onItsWay !== null && <strong> Another case is about to bring what may replace it: ask why.</strong>
}

/** What a rotation gives, to whom, and for which cases as this app itself sees them. */
function Rotation({ one }: { readonly one: CaseView }) {
  const { requester, seconds, replaces } = one
  return (
    <div className="wide">
      <dt>Gives</dt>
      <dd>
        Only what may replace the key, for admins.{one.forNobody && ' No access.'}
        <div className="muted small">
          Not for <Exact>{requester.name}</Exact>.{' '}
          {one.forNobody ? (
            <>Its session of {durationWords(seconds)} may do nothing and goes to nobody.</>
          ) : (
            <strong>Its session was to go to nobody, and was handed over.</strong>
          )}{' '}
          {isDecidable(one) && replaces.length === 0 && (
            <strong>No case here has a used key to replace with it: ask why.</strong>
          )}
          {isDecidable(one) && replaces.length > 0 && (
            <>
              It is for the key used in{' '}
              {replaces.map(({ id, requester: who, askedAt, reference }, at) => (
                <span key={id}>
                  {at > 0 && ' and '}
                  <Exact>{who.name}</Exact>’s case of <Moment at={askedAt} />
                  {reference !== '' && (
                    <>
                      {' '}
                      (<Exact>{reference}</Exact>)
                    </>
                  )}
                </span>
              ))}
              .
            </>
          )}
          {isDecidable(one) && <Needless already={one.already} />}
        </div>
      </dd>
    </div>
  )
}
