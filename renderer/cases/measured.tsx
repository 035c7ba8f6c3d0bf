import { Fragment } from 'react'
import { END_WORDS, stepsOf, type TimesView } from '../../shared/views/times.ts'
import { useNow } from '../store/clock.ts'
import { Exact } from '../ui/exact-text.tsx'
import { clockOf, fullUtc } from '../ui/time-words.ts'

/**
 * How long each step of a case took: asked → approved → access → end. In one run of text, so that it can stand in a
 * button. The exact time, and whose clock it is, on hover.
 */
export function Measured({ times }: { readonly times: TimesView }) {
  const now = useNow(60_000)
  return (
    <span className="measured">
      {stepsOf(times).map(({ name, at, by, took }, index) => (
        <Fragment key={name}>
          {/* The spaces are read, too: else one step would run into the next. */}
          {index > 0 && (
            <>
              {' '}
              <span aria-hidden="true">→</span>{' '}
            </>
          )}
          <time dateTime={new Date(at).toISOString()} title={`${fullUtc(at)}, by the clock of ${by}’s device`}>
            {took === null ? `${name} ${clockOf(at, now)}` : `${name.toLowerCase()} ${took}`}
          </time>
        </Fragment>
      ))}
    </span>
  )
}

/** The measured times as a table, with whose clock each is: for the report. */
export function MeasuredTable({ times }: { readonly times: TimesView }) {
  const { end } = times
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">When</th>
          <th scope="col">By the clock of</th>
          <th scope="col">Since the step before</th>
        </tr>
      </thead>
      <tbody>
        {stepsOf(times).map(({ name, at, by, took }) => (
          <tr key={name}>
            <th scope="row">{name === 'End' && end !== null ? `End (${END_WORDS[end.known]})` : STEPS[name]}</th>
            <td>{fullUtc(at)}</td>
            <td>
              <Exact>{by}</Exact>’s device
            </td>
            <td>{took ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const STEPS = {
  Asked: 'Asked',
  Approved: 'Approved by enough',
  Access: 'Access handed over',
  End: 'End',
} as const
