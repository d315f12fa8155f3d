# SPDX-License-Identifier: MIT
"""firefox.py PICTURE WORK - drive the script of a picture in Firefox by its Marionette protocol (Debian has no geckodriver):
load, wheel, click, keys, search, buttons, a selection, the address; print ok, or what is wrong."""
import json
import os
import socket
import subprocess
import sys
import time

picture, work = sys.argv[1:]
with socket.create_server(('127.0.0.1', 0)) as s:
    port = s.getsockname()[1]
with open(work + '/user.js', 'w', encoding='ascii') as f:
    for name, value in (('marionette.port', port), ('browser.shell.checkDefaultBrowser', False), ('app.update.enabled', False),
                        ('datareporting.policy.dataSubmissionEnabled', False), ('network.captive-portal-service.enabled', False)):
        f.write(f'user_pref("{name}", {json.dumps(value)});\n')
browser = subprocess.Popen(
    ['firefox-esr', '--headless', '--marionette', '--no-remote', '--profile', work, '--width', '1280', '--height', '900'],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, 'HOME': work})
while True:
    try:
        connection = socket.create_connection(('127.0.0.1', port))
        break
    except OSError:
        if browser.poll() is not None:
            sys.exit('Firefox does not start')
        time.sleep(.05)
received, number = b'', 0


def answer():
    """A message is its length, a colon, and JSON."""
    global received
    while True:
        length, colon, rest = received.partition(b':')
        if colon and len(rest) >= int(length):
            received = rest[int(length):]
            return json.loads(rest[:int(length)])
        more = connection.recv(1 << 16)
        if not more:
            sys.exit('Firefox ended')
        received += more


def command(name, **parameters):
    global number
    number += 1
    message = json.dumps([0, number, name, parameters]).encode()
    connection.sendall(b'%d:%s' % (len(message), message))
    _, _, error, result = answer()
    if error:
        sys.exit(f'{name}: {error["message"]}')
    return result


def js(code):
    return command('WebDriver:ExecuteScript', script=code, args=[], sandbox=None)['value']


def act(kind, *actions):
    command('WebDriver:PerformActions', actions=[{'type': kind, 'id': kind, 'actions': actions}])
    command('WebDriver:ExecuteAsyncScript', script='requestAnimationFrame(() => requestAnimationFrame(arguments[0]))', args=[], sandbox=None)


def view():
    return js('return document.documentElement.timechart.view')


def key(*values):
    act('key', *(a for v in values for a in ({'type': 'keyDown', 'value': v}, {'type': 'keyUp', 'value': v})))


def until(code):
    """Wait for what comes after a pause of the script."""
    for _ in range(600):
        if js(f'return {code}'):
            return
        time.sleep(.05)
    sys.exit(f'never true: {code}')


def panel():
    return js('return document.getElementById("panel").textContent')


bad = []


def check(what, right):
    if not right:
        bad.append(what)


answer()
command('WebDriver:NewSession', capabilities={'alwaysMatch': {}})
command('WebDriver:Navigate', url='file://' + picture)
_, _, span = view()
act('wheel', {'type': 'scroll', 'x': 600, 'y': 200, 'deltaX': 0, 'deltaY': -200, 'origin': 'viewport'})
a, b, _ = view()
check(f'the wheel does not zoom: {a} to {b} of {span}', 0 < a and b < span)
x, y = js('''
    const c = document.documentElement.timechart, t = c.tasks.find(t => t.name === 'a' ), box = document.querySelector('foreignObject canvas').getBoundingClientRect();
    return [box.left + c.x((c.view[0] + t.start[1]) / 2), box.top + c.top(c.rows[t.row].y) + 6]''')
act('pointer', {'type': 'pointerMove', 'x': round(x), 'y': round(y), 'origin': 'viewport'}, {'type': 'pointerDown', 'button': 0},
    {'type': 'pointerUp', 'button': 0})
text = panel()
check(f'a click does not show the path of a wait: {text}', 'a [1] sleeping 1 ms' in text and 'c [3] running 400 us in sock_write' in text)
check('a click does not pin', js('return !!document.querySelector("#panel.pin")'))
until('location.hash.includes("at=")')
js('[...document.querySelectorAll("#panel button")].at(-1).click()')
check(f'a piece of the path does not lead to its task: {panel()}', panel().startswith('b [2] running '))
key('\ue00c')
check('Escape does not let go', not js('return !!document.querySelector("#panel.pin")'))
key('0')
check('0 does not show all', view() == [0, span, span])
key('\ue015')
first = panel()
key('\ue012')
check(f'arrow keys do not walk: {first}', first != panel())
key('?')
check('? does not list the keys', 'double click' in panel())
key('/', 's', 'o', 'c', 'k')
until('document.querySelector("#bar span").textContent')
text = js('return document.querySelector("#bar span").textContent')
check(f'a search has no share: {text}, {panel()}', text == '2 intervals' and ' % of all)' in panel())
until('location.hash.includes("q=sock")')
key('\ue00c')
until('!document.querySelector("#bar span").textContent')
check('Escape does not end a search', not js('return document.querySelector("#bar span").textContent'))
off = js('''
    const b = [...document.querySelectorAll('#bar button')].find(b => b.textContent === 'sleeping');
    b.click();
    return b.getAttribute('aria-pressed')''')
check('a state cannot be switched off', off == 'false')
until('location.hash.includes("off=8")')
y = js('return document.querySelector("foreignObject canvas").getBoundingClientRect().top + 8')
act('pointer', {'type': 'pointerMove', 'x': 500, 'y': round(y), 'origin': 'viewport'}, {'type': 'pointerDown', 'button': 0},
    {'type': 'pointerMove', 'x': 700, 'y': round(y), 'origin': 'viewport'}, {'type': 'pointerUp', 'button': 0})
check(f'a drag on the axis selects no time: {panel()}', panel().startswith('selected '))
key('f')
a, b, _ = view()
check(f'f does not show the selection: {a} to {b}', 0 < a and b - a < span / 2)
command('WebDriver:Navigate', url='about:blank')
command('WebDriver:Navigate', url=f'file://{picture}#t=200000,400000&q=sock&off=8,relative')
check('the address does not keep the view', view()[:2] == [200000, 400000] and js('''
    const off = [...document.querySelectorAll('#bar button[aria-pressed=false]')].map(b => b.textContent);
    return off.join() === 'sleeping,relative time' && document.querySelector('#bar input').value === "sock"'''))
command('Marionette:Quit', flags=['eForceQuit'])
browser.wait()
print('\n'.join(bad) or 'ok')
