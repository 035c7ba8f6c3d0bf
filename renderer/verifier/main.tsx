import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls/button.css'
import '../ui/controls/state.css'
import '../ui/controls/card.css'
import '../ui/controls/note.css'
import '../ui/controls/facts.css'
import '../ui/controls/field.css'
import '../ui/controls/list.css'
import '../ui/frame.css'
import '../ui/paper.css'
import './verifier.css'
import { createRoot } from 'react-dom/client'
import { Verifier } from './verifier.tsx'

const place = document.getElementById('app')
if (place === null) throw new TypeError('the page lacks its place for the verifier')
createRoot(place).render(<Verifier />)
