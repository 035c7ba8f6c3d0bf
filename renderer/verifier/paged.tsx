import { type ReactNode, useState } from 'react'
import { Button } from '../ui/button.tsx'

const PAGE = 50

interface PagedProps<Item> {
  /** What they are, for the buttons' names. */
  readonly label: string
  readonly items: readonly Item[]
  readonly render: (item: Item) => ReactNode
  readonly keyOf: (item: Item, at: number) => string
}

/** A list of which only one page is in the document, however long it is. */
export function Paged<Item>({ label, items, render, keyOf }: PagedProps<Item>) {
  const [from, setFrom] = useState(0)
  const page = items.slice(from, from + PAGE)
  return (
    <>
      <ul className="list">
        {page.map((item, at) => (
          <li key={keyOf(item, from + at)}>{render(item)}</li>
        ))}
      </ul>
      {items.length > PAGE && (
        <div className="row">
          <Button off={from === 0} onClick={() => setFrom(from - PAGE)}>
            Previous {label}
          </Button>
          <p role="status" className="figures">
            {from + 1} to {from + page.length} of {items.length}
          </p>
          <Button off={from + PAGE >= items.length} onClick={() => setFrom(from + PAGE)}>
            Next {label}
          </Button>
        </div>
      )}
    </>
  )
}
