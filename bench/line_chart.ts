// Lines over a logarithmic axis as SVG, readable on light and on dark pages.

export interface Series {
  name: string
  points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  title: string
  xLabel: string
  yLabel: string
  series: readonly Series[]
}

const WIDTH = 460
const HEIGHT = 300
/** Room around the lines, in pixels: for titles, numbers and labels. */
const MARGIN = { left: 58, right: 16, top: 34, bottom: 48 }
const LEGEND = 28
const COLOURS = ['#4e79a7', '#f28e2b', '#59a14f', '#e15759', '#b07aa1', '#9c755f']
/** Horizontal lines, about. */
const GRID_LINES = 5

const STYLE = `
  text { font: 12px sans-serif; fill: #24292f }
  .title { font-weight: bold }
  .grid { stroke: #d0d7de }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #d0d7de }
    .grid { stroke: #424a53 }
  }
`

/** All charts in two columns, with one legend: they show the same series over the same range of y. */
export function lineCharts(charts: readonly Chart[]): string {
  const rows = Math.ceil(charts.length / 2)
  const [width, height] = [2 * WIDTH, rows * HEIGHT + LEGEND]
  const range = rangeOf(charts)
  const drawn = charts.map((chart, i) =>
    at((i % 2) * WIDTH, Math.floor(i / 2) * HEIGHT, drawChart(chart, range)),
  )
  const names = charts[0]?.series.map(({ name }) => name) ?? []
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}">`,
    `<style>${STYLE}</style>`,
    ...drawn,
    at(0, rows * HEIGHT, legend(names)),
    '</svg>\n',
  ].join('\n')
}

interface Range {
  from: number
  to: number
  step: number
}

/** From 0 to beyond the highest point, in steps that are round numbers. */
function rangeOf(charts: readonly Chart[]): Range {
  const ys = charts.flatMap(({ series }) =>
    series.flatMap(({ points }) => points.map(([, y]) => y)),
  )
  const most = Math.max(...ys)
  const rough = most / GRID_LINES
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find(n => n * power >= rough) ?? 10)
  return { from: 0, to: step * Math.ceil((most * 1.05) / step), step }
}

function drawChart({ title, xLabel, yLabel, series }: Chart, range: Range): string {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x))
  const sizes = [...new Set(xs)].toSorted((a, b) => a - b)
  const most = Math.log10(sizes.at(-1) ?? 1) || 1
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right]
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom]
  const x = (size: number): number => left + ((right - left) * Math.log10(size)) / most
  const y = (value: number): number =>
    bottom - ((bottom - top) * (value - range.from)) / (range.to - range.from)

  const grid = steps(range).map(value =>
    [
      `<line class="grid" x1="${left}" x2="${right}" y1="${px(y(value))}" y2="${px(y(value))}"/>`,
      label(left - 6, y(value) + 4, String(value), 'end'),
    ].join('\n'),
  )
  const numbers = sizes.map(size => label(x(size), bottom + 18, count(size), 'middle'))
  const lines = series.map(({ points }, i) => {
    const places = points.map(([size, value]) => `${px(x(size))},${px(y(value))}`)
    return `<polyline class="line" stroke="${colour(i)}" points="${places.join(' ')}"/>`
  })
  const words = [
    `<text class="title" x="${left}" y="20">${escape(title)}</text>`,
    label((left + right) / 2, HEIGHT - 12, xLabel, 'middle'),
    `<text text-anchor="middle" transform="translate(14 ${px((top + bottom) / 2)}) rotate(-90)">${escape(yLabel)}</text>`,
  ]
  return [...grid, ...numbers, ...lines, ...words].join('\n')
}

function legend(names: readonly string[]): string {
  const room = (2 * WIDTH - MARGIN.left) / names.length
  return names
    .map((name, i) => {
      const x = MARGIN.left + i * room
      const sample = `<line class="line" stroke="${colour(i)}" x1="${px(x)}" x2="${px(x + 22)}" y1="10" y2="10"/>`
      return `${sample}\n${label(x + 28, 14, name, 'start')}`
    })
    .join('\n')
}

function steps({ from, to, step }: Range): number[] {
  const lines = Math.round((to - from) / step)
  return Array.from({ length: lines + 1 }, (_, i) => from + i * step)
}

function at(x: number, y: number, drawing: string): string {
  return `<g transform="translate(${x} ${y})">\n${drawing}\n</g>`
}

function label(x: number, y: number, text: string, anchor: string): string {
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}">${escape(text)}</text>`
}

function colour(i: number): string {
  return COLOURS[i % COLOURS.length] ?? 'gray'
}

/** 10000 as "10,000". */
function count(n: number): string {
  return n.toLocaleString('en')
}

/** To a tenth of a pixel. */
function px(n: number): string {
  return String(Math.round(n * 10) / 10)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
