// Lets one look something up while typing, where a page says so:
//
//   <div data-lookup="/enrol/organisations" data-lookup-number="number">an input</div>
//
// What is chosen is put into the input, and its number into the input that the page names,
// unless a number was typed there. Any other text can be typed as well, and nothing is chosen
// for anybody. Pages work without this file. It is the "editable combobox with list
// autocomplete" of the ARIA Authoring Practices Guide.

const shortest = 2 // characters before anything is looked up
const pause = 150 // milliseconds without a key before it is

const plain = text => text.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()

function element (name, attributes, text) {
  const e = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value)
  if (text) e.textContent = text
  return e
}

function lookUp (wrapper) {
  const input = wrapper.querySelector('input')
  const number = document.getElementById(wrapper.dataset.lookupNumber)
  const label = wrapper.querySelector('label').textContent
  const list = element('ul', { class: 'cascade-lookup__list', role: 'listbox', id: input.id + '-list', 'aria-label': label, hidden: '' })
  const status = element('div', { class: 'govuk-visually-hidden', role: 'status' })
  const help = element('span', { class: 'govuk-visually-hidden', id: input.id + '-help' },
    'Suggestions appear while you type. Use the up and down arrow keys to go through them, and Enter to choose one.')
  const anchor = element('div', { class: 'cascade-lookup__anchor' })
  input.after(anchor)
  anchor.append(input, list)
  wrapper.append(status, help)
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-expanded', 'false')
  input.setAttribute('aria-controls', list.id)
  input.setAttribute('aria-describedby', ((input.getAttribute('aria-describedby') || '') + ' ' + help.id).trim())
  input.setAttribute('autocomplete', 'off') // a browser's own list would lie over this one

  let found = [] // what the list shows
  let at = -1 // which of them is marked
  let timer, asking
  let chosen = null // what was chosen last, as long as its number stands there

  const close = () => {
    list.hidden = true
    mark(-1)
    input.setAttribute('aria-expanded', 'false')
  }
  const open = () => {
    if (found.length === 0) return close()
    list.hidden = false
    input.setAttribute('aria-expanded', 'true')
  }
  const mark = to => {
    at = to
    for (const [i, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(i === at))
    if (at < 0) return input.removeAttribute('aria-activedescendant')
    input.setAttribute('aria-activedescendant', list.children[at].id)
    list.children[at].scrollIntoView({ block: 'nearest' })
  }
  const forget = () => {
    clearTimeout(timer)
    asking?.abort()
    found = []
    list.replaceChildren()
    close()
  }
  const choose = which => {
    const one = found[which]
    forget()
    input.value = one.name
    let said = one.name
    if (number && (number.value.trim() === '' || chosen?.number === number.value)) {
      number.value = one.number
      said += ', register number ' + one.number + ' filled in'
      chosen = one
    }
    status.textContent = said
    input.focus()
  }
  // A number that was filled in goes where another name is typed: the person's own stays.
  const check = () => {
    if (!chosen || number.value !== chosen.number) return
    const typed = plain(input.value)
    if (typed !== '' && plain(chosen.name).includes(typed.slice(0, 3))) return
    number.value = ''
    status.textContent = 'Register number taken out'
    chosen = null
  }
  const show = () => {
    list.replaceChildren(...found.map((one, i) => {
      const option = element('li', { class: 'cascade-lookup__option', role: 'option', id: list.id + '-' + i, 'aria-selected': 'false' })
      option.append(element('span', { class: 'cascade-lookup__name' }, one.name), ' ',
        element('span', { class: 'cascade-lookup__more' }, [one.as && 'also ' + one.as, one.district, one.register + ' ' + one.number].filter(Boolean).join(', ')))
      option.addEventListener('mousedown', event => event.preventDefault()) // the input keeps the focus
      option.addEventListener('click', () => choose(i))
      return option
    }))
    mark(-1)
    open()
    status.textContent = found.length === 0
      ? 'No suggestions. You can type any name.'
      : found.length === 1 ? '1 suggestion' : found.length + ' suggestions'
  }
  const ask = async () => {
    const text = input.value
    asking?.abort()
    asking = new AbortController()
    try {
      const answer = await fetch(wrapper.dataset.lookup + '?q=' + encodeURIComponent(text.slice(0, 200)),
        { signal: asking.signal, headers: { Accept: 'application/json' }, credentials: 'omit' })
      if (!answer.ok) throw new Error(answer.statusText)
      const all = (await answer.json()).organisations
      if (input.value !== text || document.activeElement !== input) return
      found = all
      show()
    } catch { // one types on without suggestions
      if (input.value === text) forget()
    }
  }

  input.addEventListener('input', () => {
    check()
    clearTimeout(timer)
    if (input.value.trim().length < shortest) return forget()
    timer = setTimeout(ask, pause)
  })
  input.addEventListener('keydown', event => {
    if (event.isComposing || found.length === 0) return
    const closed = list.hidden
    switch (event.key) {
      case 'ArrowDown':
        open()
        if (!event.altKey) mark(closed ? 0 : (at + 1) % found.length)
        break
      case 'ArrowUp':
        open()
        mark(at <= 0 ? found.length - 1 : at - 1)
        break
      case 'Enter':
        if (closed || at < 0) return // which sends the form
        choose(at)
        break
      case 'Escape':
        if (closed) return
        close()
        break
      default:
        return
    }
    event.preventDefault()
  })
  input.addEventListener('blur', close)
}

for (const wrapper of document.querySelectorAll('[data-lookup]')) lookUp(wrapper)
