import { type ReactNode, useState } from 'react'

interface PartsProps {
  /** What a screen reader calls the row of buttons. */
  readonly label: string
  readonly parts: readonly { readonly name: string; readonly content: ReactNode }[]
}

/** Parts of a screen of which one is shown, the first at first; a row of buttons chooses. */
export function Parts({ label, parts }: PartsProps) {
  const [chosen, setChosen] = useState(parts[0]?.name)
  return (
    <div className="stack">
      <fieldset className="parts" aria-label={label}>
        {parts.map(({ name }) => (
          <button
            key={name}
            type="button"
            className="part"
            aria-pressed={name === chosen}
            onClick={() => setChosen(name)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      {parts.find(({ name }) => name === chosen)?.content}
    </div>
  )
}
