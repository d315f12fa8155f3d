# SPDX-License-Identifier: MIT
"""timechart.py RECORDS PICTURE PATH PIPELINE PATHS HOSTILE OWN CALLS - drive the script of pictures in Chromium; write a line for each check: ok NAME, or
not ok NAME: why. PATH is a picture of states2svg/path.in, PIPELINE one of a recording,
PATHS what states2path finds there, after the tid it was asked about, HOSTILE a picture of records that are full of markup,
OWN one with power on a clock of its own, CALLS one of states2svg/io.in.

timechart.py PICTURE - measure instead: when the picture is ready, and frames of zooming and panning, of the best of five loads; the CPU time
of the page's thread says more on a machine that is busy."""
import statistics
import sys
import time
import traceback

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

options = Options()
options.binary_location = '/usr/bin/chromium'
for argument in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1280,900'):
    options.add_argument(argument)
options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
driver = webdriver.Chrome(service=Service('/usr/bin/chromedriver'), options=options)


def measure(picture):
    """Zoom in to 1/300 in 80 frames, pan for 80, zoom out for 80."""
    driver.set_script_timeout(600)
    runs = []
    for _ in range(5):
        driver.get('about:blank')
        driver.execute_cdp_cmd('Performance.enable', {'timeDomain': 'threadTicks'})
        driver.get('file://' + picture)
        driver.execute_async_script('requestAnimationFrame(() => requestAnimationFrame(arguments[0]))')
        metrics = {m['name']: m['value'] for m in driver.execute_cdp_cmd('Performance.getMetrics', {})['metrics']}
        ready = driver.execute_script('return +document.documentElement.dataset.ready')
        drawn, frames = driver.execute_async_script('''
            const done = arguments[0], c = document.documentElement.timechart, span = c.view[2], before = c.times.length, gaps = [];
            let n = 0, last;
            requestAnimationFrame(function frame(now) {
                if (n)
                    gaps.push(now - last);
                last = now;
                if (n === 240)
                    return done([c.times.slice(before), gaps]);
                const zoom = Math.min(n, 80, 240 - n), pan = Math.max(0, Math.min(n - 80, 80)), d = span * .93 ** zoom;
                c.show(span * .4 + d * (pan * .02 - .4), span * .4 + d * (pan * .02 + .6));
                n++;
                requestAnimationFrame(frame);
            });''')
        runs.append((ready, 1000 * metrics['TaskDuration'], statistics.median(drawn), statistics.quantiles(drawn, n=20)[-1],
                     statistics.median(frames), statistics.quantiles(frames, n=20)[-1]))
    ready, cpu, draw, draw95, frame, frame95 = (min(values) for values in zip(*runs))
    print(f'ready {ready:.0f} ms, CPU {cpu:.0f} ms; drawing a frame: median {draw:.1f} ms, 95 % {draw95:.1f} ms; '
          f'between frames: median {frame:.1f} ms, 95 % {frame95:.1f} ms')


if len(sys.argv) == 2:
    measure(sys.argv[1])
    driver.quit()
    sys.exit()
records, picture, path, pipeline, paths, hostile, own, calls = sys.argv[1:]
checks = []


def check(f):
    checks.append(f)
    return f


def js(code, *args):
    return driver.execute_script('const c = document.documentElement.timechart;' + code, *args)


def settle():
    """Wait until what was asked for is drawn."""
    driver.execute_async_script('requestAnimationFrame(() => requestAnimationFrame(arguments[0]))')


def until(condition, say=None):
    """Wait for what comes in its own time: totals, the address, a size of the window."""
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, say and say()
        time.sleep(.02)


def until_panel(start, words=''):
    """Wait until the panel starts with a text, and has words."""
    until(lambda: panel().startswith(start) and words in panel(), panel)


def until_address(end):
    until(lambda: driver.current_url.endswith(end), lambda: driver.current_url)


def view():
    settle()
    return js('return c.view')[:2]


def panel():
    settle()
    return driver.find_element(By.ID, 'panel').text


def resize(width, height=900):
    driver.set_window_size(width, height)
    size = 'return [innerWidth, outerHeight]'
    until(lambda: js(size) == [width, height], lambda: js(size))
    settle()


def load(path=picture, fragment='', fresh=False):
    """Show a picture. One that is loaded takes the address as if it were edited, for loading costs a second of CPU
    time: checks of the same picture follow each other. The panel is emptied: what it says then is of this check."""
    if fresh or js('return decodeURI(location.pathname)') != path:
        driver.get('about:blank')
        driver.get('file://' + path + fragment)
    else:
        js('''
            document.activeElement?.blur();
            document.getElementById('view').scrollTop = 0;
            history.replaceState(null, '', arguments[0] || '#');
            dispatchEvent(new Event('hashchange'));
            document.getElementById('panel').textContent = '';''', fragment)
    settle()
    js('c.fillCpus()')
    settle()


def canvas():
    return driver.find_element(By.TAG_NAME, 'canvas')


def at(x, y):
    """A pointer action that starts at a place of the canvas, in pixels from its upper left."""
    box = canvas().rect
    return ActionChains(driver, 0).move_to_element_with_offset(canvas(), round(x - box['width'] / 2), round(y - box['height'] / 2))


def key(*keys):
    ActionChains(driver, 0).send_keys(*keys).perform()
    settle()


def wait_at(name, state):
    """The place of the longest interval of a task in a state, which is scrolled into view."""
    return js('''
        const t = c.tasks.find(t => t.name === arguments[0]);
        let best = -1;
        for (let i = 0; i < t.n; i++)
            if (c.kinds[t.kind[i]].state === arguments[1] &&
                (best < 0 || t.start[i + 1] - t.start[i] > t.start[best + 1] - t.start[best]))
                best = i;
        document.getElementById('view').scrollTop += c.top(c.rows[t.row].y) - 100;
        return [c.x((t.start[best] + t.start[best + 1]) / 2), c.top(c.rows[t.row].y) + 6];
        ''', name, state)


def states():
    with open(records, encoding='utf-8') as f:
        for line in f:
            field = line.rstrip('\n').split('\t')
            if field[0] == 'state':
                yield field


@check
def it_loads():
    load(fresh=True)
    assert js('return document.documentElement.dataset.ready') is not None
    until_panel('', 'waited most:')
    assert 'pin it' in panel(), panel()
    driver.find_element(By.CSS_SELECTOR, '[data-key="?"]').click()
    assert 'pin it' in panel() and 'drag' in panel(), panel()
    errors = [e['message'] for e in driver.get_log('browser') if e['level'] == 'SEVERE']
    assert not errors, errors
    resize(1000)
    js('''
        const canvas = document.querySelector("foreignObject canvas"), done = [];
        new ResizeObserver(() => done.push(canvas.getContext("2d").getImageData(400, 0, 200, 300).data.every(v => !v))).observe(document.getElementById("view"));
        window.emptied = done;''')
    until(lambda: js('return emptied.length') == 1)  # an observer starts with the size as it is
    resize(1280)
    until(lambda: js('return emptied.length') > 1)
    assert not any(js('return emptied'))
    assert 'svg' == driver.find_element(By.TAG_NAME, 'foreignObject').find_element(By.XPATH, '..').tag_name


@check
def every_interval_of_the_records_is_there():
    want = sorted((int(f[1]), int(f[6]), int(f[5])) for f in states())
    lo = int(js('return String(c.first)'))
    got = js('return c.tasks.flatMap(t => Array.from(t.kind, (k, i) => [t.start[i], t.start[i + 1], t.tid, k]))')
    assert sorted((lo + a, lo + b, tid) for a, b, tid, k in got if k) == want


@check
def the_wheel_zooms_at_the_pointer():
    load()
    time = 'return c.timeAt(document.querySelector("foreignObject canvas").clientWidth / 2 + 200)'
    origin = ScrollOrigin.from_element(canvas(), 200, 0)
    before = js(time)
    ActionChains(driver, 0).scroll_from_origin(origin, 0, -200).perform()
    a, b = view()
    after = js(time)
    assert 0 < a and b - a < .8 * js('return c.view[2]'), (a, b)
    assert abs(before - after) < (b - a) / 100, (before, after)


@check
def a_drag_pans():
    load(fragment='#t=20000000,40000000')
    at(700, 150).click_and_hold().move_by_offset(-100, 0).release().perform()
    a, b = view()
    assert 20000000 < a < 24000000 and abs(b - a - 20000000) < 2, (a, b)


@check
def two_fingers_zoom():
    load()
    box = canvas().rect
    times = [js('return c.timeAt(arguments[0])', x) for x in (500, 600)]
    builder = ActionBuilder(driver, duration=0)
    for name, start, end in (('left', 500, 400), ('right', 600, 800)):
        finger = builder.add_pointer_input(interaction.POINTER_TOUCH, name)
        finger.create_pointer_move(x=round(box['x']) + start, y=round(box['y']) + 150)
        finger.create_pointer_down(button=0)
        finger.create_pointer_move(x=round(box['x']) + end, y=round(box['y']) + 150)
        finger.create_pointer_up(button=0)
    builder.perform()
    a, b = view()
    after = [js('return c.timeAt(arguments[0])', x) for x in (400, 800)]
    assert all(abs(s - t) < (b - a) / 200 for s, t in zip(times, after)), (times, after)


@check
def keys_zoom_move_and_walk():
    load()
    whole = view()
    key('+')
    a, b = view()
    assert abs((b - a) / whole[1] - .6) < .01, (a, b)
    key('d')
    assert view()[0] > a
    key('0')
    assert view() == whole
    key('+', Keys.HOME)
    assert view() == whole
    key(Keys.ARROW_DOWN)
    first = panel()
    key(Keys.ARROW_RIGHT)
    second = panel()
    key(Keys.ARROW_DOWN)
    assert len({first, second, panel()}) == 3, (first, second)
    key('?')
    assert 'zoom' in panel()


@check
def the_pointer_shows_an_interval():
    load()
    x, y = wait_at('gzip', 8)
    at(x, y).perform()
    longest = max((f for f in states() if f[8] == 'gzip' and f[10] == 'sleeping'), key=lambda f: int(f[6]) - int(f[1]))
    text = panel()
    assert f'gzip [{longest[5]}] sleeping' in text and 'Woken by: ' in text, text
    assert f'{int(longest[1]) / 1e9:.9f} s' in text, text


@check
def a_name_shows_its_row_and_a_dense_column_its_shares():
    load()
    x, y = wait_at('gzip', 8)
    at(30, y).click().perform()
    text = panel()
    assert '\nrunning ' in text, text
    at(400, y).perform()
    assert panel() == text  # pinned
    at(400, js('return c.top(c.rows[0].y) - 6')).perform()
    assert panel() == text
    key(Keys.ESCAPE)
    at(30, js('return c.top(c.rows[0].y) + 6')).click().perform()
    ran, field = {}, [f for f in states() if f[10] == 'running' and f[3] == '0']
    for f in field:
        ran[f[8], f[5]] = ran.get((f[8], f[5]), 0) + int(f[6]) - int(f[1])
    name, tid = max(ran, key=ran.get)
    lines = panel().partition('\nshown:\n')[2].split('\n')
    assert lines[0].startswith(f'{name} [') and f'{tid}] ' in lines[0] and ' %, ' in lines[0] and ' times, the longest ' in lines[0], (lines, name, tid)
    said = panel()
    key(Keys.ESCAPE, 'r')
    assert panel() == said, panel()
    key(Keys.ESCAPE)
    at(400, js('return c.top(c.rows[0].y) + 6')).perform()
    assert 'CPU 0' in panel(), panel()
    at(400, 10).perform()
    until_panel('shown ')  # the totals again, where no row is
    at(*js('const r = c.rows.find(r => r.sum || r.lanes.length > 1 || r.cpu !== undefined); return [c.x(c.view[2] / 3), c.top(r.y) + 6]')).perform()
    assert ' %, ' in panel() and 'the longest ' in panel(), panel()


def found():
    return driver.find_element(By.CSS_SELECTOR, '#bar span').text


@check
def a_search_shows_its_share():
    load()
    key('/', 'gzip')
    mine = [f for f in states() if f[8] == 'gzip']
    until(lambda: found() == f'{len(mine):,} intervals', found)
    for state in {f[10] for f in mine}:
        ns = [sum(int(f[6]) - int(f[1]) for f in s if f[10] == state) for s in (mine, states())]
        assert f' ({100 * ns[0] / ns[1]:.1f} % of all)' in panel().partition('\n' + state + ' ')[2].partition(',')[0] + \
            panel().partition(', ' + state + ' ')[2].partition(',')[0], (state, ns, panel())
    x, y = wait_at('gzip', 8)
    settle()
    marked = '''const g = document.querySelector("foreignObject canvas").getContext("2d"), r = devicePixelRatio;
        return [...g.getImageData(arguments[0] * r, (arguments[1] + 5) * r, 1, 1).data].join()'''
    assert js(marked, x, y) == '31,41,51,255', js(marked, x, y)  # as dark as the text
    key(Keys.ESCAPE)
    until(lambda: found() == '', found)
    assert js(marked, x, y) != '31,41,51,255'
    resize(640)
    load()
    heights = 'return [canvas, canvas.parentNode.parentNode].map(e => e.clientHeight)'.replace('canvas', 'document.querySelector("foreignObject canvas")')
    before = js(heights)
    key('/', 'gzip')
    until(found)
    settle()
    after = js(heights)
    assert after[0] == after[1] < before[1], (before, after)  # the toolbar has one more line
    resize(1280)


@check
def critical_paths_tile_their_windows_and_do_not_depend_on_them():
    load()
    bad = js('''
        const bad = [], ns = (a, b) => Math.max(0, b - a);
        for (const t of c.tasks)
            for (let i = 0; i < t.n; i++) {
                const k = c.kinds[t.kind[i]].state, a = t.start[i], b = t.start[i + 1];
                if (k < 3 || k > 8 || bad.length)
                    continue;
                const whole = c.criticalPath(t, a, b);
                let at = b;
                for (const p of whole) {
                    if (p.to !== at || p.from >= p.to)
                        bad.push(`hole before ${at} of ${t.name} ${i}`);
                    if (p.i !== undefined && (p.l.start[p.i] > p.from || p.l.start[p.i + 1] < p.to))
                        bad.push(`not in that state then: ${p.l.name} ${p.i}`);
                    at = p.from;
                }
                if (at !== a)
                    bad.push(`starts at ${at}, not ${a}: ${t.name} ${i}`);
                const x = Math.floor(a + (b - a) / 3), y = Math.ceil(b - (b - a) / 4);
                const say = p => [p.l.id, p.from, p.to, p.depth, p.why].join();
                const cut = whole.map(p => ({ ...p, from: Math.max(p.from, x), to: Math.min(p.to, y) })).filter(p => p.from < p.to);
                if (x < y && cut.map(say).join('|') !== c.criticalPath(t, x, y).map(say).join('|'))
                    bad.push(`the cut path is not the path of the cut window: ${t.name} ${i}`);
            }
        return bad;''')
    assert not bad, bad


@check
def toggles_take_a_state_away():
    load()
    button = next(b for b in driver.find_elements(By.CSS_SELECTOR, '#bar button') if b.text.strip() == 'sleeping')
    pixel = '''const g = document.querySelector("foreignObject canvas").getContext("2d");
        return Array.from(g.getImageData(arguments[0] * devicePixelRatio, arguments[1] * devicePixelRatio, 1, 1).data).join()'''
    x, y = wait_at('gzip', 8)
    before = js(pixel, round(x), round(y))
    button.click()
    settle()
    assert button.get_attribute('aria-pressed') == 'false'
    assert js(pixel, round(x), round(y)) != before
    button.click()
    settle()
    assert js(pixel, round(x), round(y)) == before


@check
def a_selection_has_a_length():
    load(fragment='#t=0,50000000')
    at(500, 10).click_and_hold().move_by_offset(100, 0).release().perform()
    assert panel().startswith('selected '), panel()
    until_panel('selected ', 'ran most:')
    text = panel()
    lo, (a, b) = int(js('return String(c.first)')), js('return [c.timeAt(500), c.timeAt(600)]')
    ns = sum(max(0, min(lo + b, int(f[6])) - max(lo + a, int(f[1]))) for f in states() if f[10] == 'running')
    said = text.partition('\nrunning ')[2].partition(',')[0].split(' ')
    assert abs(float(said[0]) * {'ms': 1e6, 's': 1e9, 'us': 1e3}[said[1]] / ns - 1) < .01, (said, ns)
    key('f')
    a, b = view()
    assert 0 < a and b - a < 8000000, (a, b)


@check
def the_address_keeps_the_view():
    load(fragment='#t=10000000,30000000&q=gzip&off=8,relative', fresh=True)
    assert view() == [10000000, 30000000]
    assert driver.find_element(By.CSS_SELECTOR, '#bar input').get_attribute('value') == 'gzip'
    key('+')
    a, b = view()
    assert b - a < 20000000, (a, b)
    until_address(f'#t={round(a)},{round(b)}&q=gzip&off=8,relative')
    js('location.hash = "#t=1000000,9000000&sel=2000000,3000000"')
    until_panel('selected 1 ms, ')
    until_address('#t=1000000,9000000&sel=2000000,3000000')
    js('location.hash = ""')
    until_panel('shown ')
    assert view() == [0, js('return c.view[2]')], view()


@check
def the_address_of_an_interval_shows_its_row():
    resize(1280, 450)
    load()
    task, row = js('const r = c.rows.findLast(r => r.lanes.length && r.cpu === undefined); return [r.lanes[0].id, c.rows.indexOf(r)]')
    load(fragment=f'#at={task},0', fresh=True)
    top = js('return c.top(c.rows[arguments[0]].y)', row)
    assert 0 < top < canvas().rect['height'], top
    resize(1280)


@check
def it_is_dark_where_the_reader_likes_that():
    load()
    colour = 'return getComputedStyle(document.getElementById("tc")).backgroundColor'
    assert js(colour) == 'rgb(255, 255, 255)'
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [{'name': 'prefers-color-scheme', 'value': 'dark'}]})
    settle()
    assert js(colour) != 'rgb(255, 255, 255)'
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': []})


@check
def it_fits_a_narrow_window():
    resize(500, 700)
    load(fresh=True)
    assert js('return document.querySelector("foreignObject canvas").getBoundingClientRect().right <= innerWidth')
    names = js('return [...document.querySelectorAll("#view div > svg > text:not(.more)")].map(e => [e.textContent, e.getBoundingClientRect().right])')
    assert any('…' in name for name, right in names) and all(right < 100 for name, right in names), names
    assert any(name == f'base64 {tid}' for tid in (1002, 1003) for name, right in names), names
    assert js('const e = document.querySelector("h1"); return e.textContent && e.getBoundingClientRect().right <= innerWidth')
    assert js('''return [...document.querySelectorAll("#view div > svg > text.more")].every(e => e.getBoundingClientRect().right <= innerWidth)''')
    until_panel('shown ', 'waited most:')
    assert js('''const range = document.createRange();
        range.selectNode(document.getElementById("panel").firstChild);
        return range.getBoundingClientRect().width > 300''')
    assert js('const r = document.getElementById("panel").getBoundingClientRect(); return r.right <= innerWidth && r.bottom <= innerHeight')
    resize(1280)


@check
def printing_shows_the_whole_picture():
    load()
    shown = 'return getComputedStyle(document.querySelector("g.task")).display'
    assert js(shown) == 'none'
    js('dispatchEvent(new Event("beforeprint"))')
    assert js(shown) != 'none' and not js('return document.querySelector("foreignObject")')
    dark = [{'name': 'prefers-color-scheme', 'value': 'dark'}]
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print', 'features': dark})
    assert js('return getComputedStyle(document.querySelector(".page")).fill') == 'rgb(255, 255, 255)'
    assert js('return document.documentElement.getBoundingClientRect().height <= innerHeight')
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': '', 'features': []})
    js('dispatchEvent(new Event("afterprint"))')
    assert js(shown) == 'none'


@check
def the_picture_has_the_text_of_a_box():
    load(path)
    titles = js('return [...document.querySelectorAll("g>g>title")].map(t => t.textContent)')
    assert any(t.startswith('a 1 sleeping 1 ms\n') and t.endswith('\nWoken by: b [2]\nBlocked on:\n  pipe_read+0x2') for t in titles), titles


@check
def a_double_click_zooms_to_an_interval():
    load(path)
    at(*wait_at('a', 8)).double_click().perform()
    a, b = view()
    t, i = js("const t = c.tasks.find(t => t.name === 'a'); return [[...t.start], [...t.kind].findIndex(k => c.kinds[k].state === 8)]")
    assert a <= t[i] and t[i + 1] < b and b - a < 2 * (t[i + 1] - t[i]), (a, b)


@check
def enter_pins_and_g_goes_to_the_waker():
    load(path)
    at(*wait_at('a', 8)).perform()
    key(Keys.ENTER)
    assert 'What it waited for, backwards:' in panel(), panel()
    key('g')
    assert panel().startswith('b [2] running '), panel()
    key(Keys.ENTER)
    assert not js('return document.querySelector("#panel.pin")')
    key(Keys.ENTER)
    assert panel() != ''
    key(Keys.ESCAPE)
    until_panel('shown ', 'ended most waits:\n')


@check
def a_click_on_a_wait_walks_the_critical_path():
    load(path)
    at(*wait_at('a', 8)).click().perform()
    text = panel()
    sums, _, lines = text.partition('What it waited for, in all:\n')[2].partition('\nWhat it waited for, backwards:\n')
    assert sums.split('\n') == ['b running 550 us, 55.0 %, 2 times', 'c running 400 us, 40.0 %, 1 time', 'b waits for CPU 50 us, 5.0 %, 1 time'], sums
    lines = lines.split('\n')
    assert [line.strip() for line in lines] == [
        'b [2] running 350 us', 'b [2] waits for CPU 0 50 us', 'c [3] running 400 us in sock_write', 'b [2] running 200 us in pipe_read'
    ], lines
    pieces = driver.find_elements(By.CSS_SELECTOR, '#panel button')
    at(30, 30).perform()
    assert panel() == text  # pinned
    js('navigator.clipboard.writeText = text => { window.copied = text; }')
    key('c')
    assert js('return copied.split(/\\s*\\n\\s*/).join("|")') == '|'.join(line.strip() for line in text.split('\n'))
    pieces[-1].click()
    assert panel() != text
    key(Keys.ESCAPE)
    assert not js('return document.querySelector("#panel.pin")')


@check
def an_arrow_is_found_at_its_tip():
    load(path)
    px, tip = js('''
        const [a, b] = ['a', 'b'].map(name => c.tasks.find(t => t.name === name)), i = [...a.kind].findIndex(k => c.kinds[k].state === 8), r = c.rows[a.row];
        return [c.x(a.start[i + 1]), c.rows[b.row].y < r.y ? c.top(r.y) : c.top(r.y) + r.h];''')
    at(px - 2, tip).perform()
    assert panel().startswith('a [1] runnable '), panel()
    assert 'Woken by: b [2]' in panel(), panel()
    at(px - 8, tip).perform()
    assert panel().startswith('a [1] sleeping '), panel()
    for picture, words in ((path, 'c'), (pipeline, 'writer')):
        load(picture)
        key('/', words)
        js('''
            const g = document.querySelector("foreignObject canvas").getContext("2d"), stroke = g.stroke;
            window.alphas = [];
            g.stroke = function (line) { alphas.push(g.globalAlpha); stroke.call(g, line); };
            c.show(0, c.view[2]);''')
        settle()
        alphas = js('return alphas')
        assert 0 < sum(a < .2 for a in alphas) < len(alphas) - 1, (words, alphas)  # all but those of the search, and the axis
    # more than 1,500 intervals in view: the arrows are those of the picture
    load(pipeline)
    legend = js('return [...document.querySelectorAll("#bar > span")].map(e => e.textContent)')
    assert any(text.startswith('wakeup by an interrupt') for text in legend) and 'switches missing' in legend, legend
    assert not any(text.startswith(('CPU 0', 'running')) for text in legend), legend
    assert js('return c.tasks.reduce((sum, t) => sum + t.n, 0)') > 1500
    px, y, title = js('''
        const e = document.querySelector('svg>g>path:is(.wake,.irq)'), [x, from, to] = e.getAttribute('d').match(/[\\d.]+/g).map(Number);
        const plot = document.documentElement.width.baseVal.value - 176 - 128;
        return [c.x((x - 176) / plot * c.view[2]), c.top(to), e.parentNode.querySelector('title').textContent];''')
    at(px, y).perform()
    assert panel() == title, (panel(), title)


@check
def the_columns_on_the_right_add_up_what_is_in_view():
    load(pipeline)
    js('''
        const g = document.querySelector("foreignObject canvas").getContext("2d"), write = g.fillText;
        window.sums = {};
        g.fillText = function (...what) { if (this.textAlign === 'right') sums[what[2]] = [...sums[what[2]] ?? [], what[0]]; write.apply(this, what); };
        c.show(0, c.view[2]);''')
    settle()
    assert js('return Object.keys(sums).length') == 0  # the picture has them
    js('c.show(20000000, 40000000)')
    settle()
    # by row: what is written, and the sums of the intervals
    rows = js('''
        return c.rows.filter(r => r.cpu === undefined).map(r => [sums[c.top(r.y) + 10], [s => !s, s => s > 0 && s < 4].map(has => r.lanes.reduce((sum, t) => {
            for (let i = 0; i < t.n; i++)
                if (has(c.kinds[t.kind[i]].state))
                    sum += Math.max(0, Math.min(t.start[i + 1], 40000000) - Math.max(t.start[i], 20000000));
            return sum;
        }, 0))]);''')
    factor = {'ns': 1, 'us': 1e3, 'ms': 1e6}
    assert len(rows) > 9
    for written, want in rows:
        for text, ns in zip(written, want, strict=True):
            number, _, unit = str(text).partition(' ')
            assert abs(float(number) * factor.get(unit, 1) - ns) <= .006 * ns, (text, ns)
    assert js('return sums[c.top(c.rows[0].y) + 14]')[1] == '100.0 %'


@check
def boxes_with_room_have_their_words():
    load(pipeline)
    assert js('return c.tasks.reduce((sum, t) => sum + t.n, 0)') > 4000
    js('''
        const g = document.querySelector("foreignObject canvas").getContext("2d"), write = g.fillText;
        window.words = [];
        g.fillText = function (...what) { words.push(what[0]); write.apply(g, what); };
        c.show(0, c.view[2]);''')
    settle()
    words = js('return words')
    assert 'futex_do_wait 50.1 ms' in words and 'CPU 0' in words, words


@check
def critical_paths_are_those_of_states2path():
    load(pipeline)
    lo, want = int(js('return String(c.first)')), {}
    with open(paths, encoding='utf-8') as f:
        for line in f:
            field = line.split('\t')
            want.setdefault(int(field[0]), []).append([int(field[1]) - lo, int(field[6]) - lo, int(field[5]), int(field[9])])
    assert len(want) > 3
    for tid, pieces in want.items():
        got = js('''
            return c.criticalPath(c.tasks.find(t => t.tid === arguments[0]), arguments[1], arguments[2])
                .map(p => [p.from, p.to, p.l.tid, p.depth]);
            ''', tid, min(p[0] for p in pieces), max(p[1] for p in pieces))
        assert sorted(got) == sorted(pieces), [p for p in got if p not in pieces][:3]


@check
def lanes_on_a_clock_of_their_own_are_drawn_whole():
    load(own, '#t=20000000,40000000')
    y = js('const r = c.rows.find(r => r.own); document.getElementById("view").scrollTop = r.y; return c.top(r.y + r.h - 3)')
    settle()
    left, right = js('return [c.x(c.view[0]), c.x(c.view[1])]')
    lane, area = js('return ["rect", "path"].map(e => c.rows.find(r => r.own).strip.querySelector(e).getBoundingClientRect()).map(r => [r.left, r.right])')
    assert abs(lane[0] - left) < 2 and abs(lane[1] - right) < 2 and abs(area[0] - left) < 2, (lane, area)
    assert js('''return c.rows.filter(r => r.strip).every(r => r.y + r.h <= r.strip.ownerSVGElement.height.baseVal.value
        && [...r.strip.querySelectorAll("text")].every(e => !e.getClientRects().length))''')
    assert js('return getComputedStyle(document.querySelector("defs")).display') != 'none'  # of which the hatching is
    at(left + 10, y).perform()
    assert '4.01 J' in panel() and 'inside' not in panel(), panel()


@check
def calls_and_requests_are_shown_one_by_one():
    load(calls, '#t=1000000,10000000')
    rows = js('return c.rows.map(r => r.io ? r.title.split("\\n")[0] : "")')
    gz, disk = (next(i for i, name in enumerate(rows) if part in name) for part in ('.gz', '254:0'))
    place = 'const r = c.rows[arguments[0]]; return [c.x(arguments[1]), c.top(r.y + r.h * arguments[2])]'
    at(*js(place, gz, 5000000, .5)).perform()
    assert panel().startswith('write (write) by gzip [11] 5 ms, 832 bytes, CPU 0, error 5\nfrom 4 ms to 9 ms, '), panel()
    at(*js(place, disk, 2200000, .8)).perform()
    lower = panel()
    at(*js(place, disk, 2200000, .2)).perform()
    assert [lower.split('\n')[0], panel().split('\n')[0]] == [
        'RA (read) by gzip [11] 1 ms, 65,536 bytes, CPU 0', 'WS (write) by gzip [11] 6 ms, 65,536 bytes, CPU 0'], (lower, panel())
    key(Keys.ENTER, 'g')
    assert panel().startswith('gzip [11] running '), panel()
    key(Keys.ESCAPE)
    at(*js(place, rows.index('interrupts of CPU 0'), 1100000, .5)).perform()
    assert panel().startswith('24 virtio0-input.0 (interrupts) 200 us, CPU 0\nfrom 1 ms to 1.2 ms, '), panel()
    at(*js(place, rows.index('interrupts of CPU 0'), 3000000, .5)).perform()
    assert panel().startswith('interrupts of CPU 0: nothing at 3.0') and panel().endswith(' ms, 0.003002041 s'), panel()
    load(calls)
    at(*js(place, rows.index('interrupts of CPU 0'), 5001000, .5)).perform()
    assert panel().split('\n')[1] == '24 virtio0-input.0 2 us, 100.0 %, 1 time, the longest 2 us', panel()
    load(calls, '#t=5000000,5000400')  # within an interrupt of 2 us
    at(*js(place, rows.index('interrupts of CPU 0'), 5000200, .5)).perform()
    assert panel().startswith('24 virtio0-input.0 (interrupts) 2 us'), panel()
    assert js('return [...c.rows.find(r => r.irqs?.length).strip.querySelectorAll(".hard, .soft")].every(e => !e.getClientRects().length)')
    load(calls, '#t=3500000,4500000')  # between two calls on the file there is nothing, at any zoom
    at(*js(place, gz, 3600000, .5)).perform()
    assert '.gz: nothing at 3.' in panel(), panel()
    load(calls)
    until_panel('shown ', 'interrupts took most:')
    assert '\ninterrupts took most:\nBLOCK 100 us, 1 time' in panel() or '\ninterrupts took most:\n24 virtio0-input.0 202 us, 2 times' in panel(), panel()
    assert js('return c.rows.some(r => r.title.startsWith("calls without a file"))')


@check
def names_become_neither_markup_nor_script():
    load(hostile)
    assert js('return document.documentElement.dataset.ready') is not None
    for row in js('return [...c.rows.keys()].filter(i => c.rows[i].cpu === undefined)'):
        for x in ('c.x(c.view[2] / 4)', '20'):
            at(*js(f'return [{x}, c.top(c.rows[arguments[0]].y) + 5]', row)).click().perform()
            assert '<' in panel(), panel()
    assert '<img src=x onerror=' in js('return c.tasks.map(t => t.name + t.names).join()')
    assert js('return window.broken === undefined && document.querySelectorAll("img, iframe, script").length === 1')
    errors = [e['message'] for e in driver.get_log('browser') if e['level'] == 'SEVERE']
    assert not errors, errors


for f in checks:
    try:
        f()
        print('ok', f.__name__)
    except Exception as e:
        frame = traceback.extract_tb(e.__traceback__)[-1]
        print('not ok', f.__name__ + ':', frame.lineno, type(e).__name__, str(e)[:600].replace('\n', ' / '))
driver.quit()
