# SPDX-License-Identifier: MIT
"""firefox.py PICTURE WORK - drive the script of a picture in Firefox by its Marionette protocol (Debian has no geckodriver):
load, wheel, click, key; print ok, or what is wrong."""
import json
import os
import socket
import subprocess
import sys

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
text = js('return document.getElementById("panel").textContent')
check(f'a click does not show the path of a wait: {text}', 'a [1] sleeping 1 ms' in text and 'c [3] running 400 µs in sock_write' in text)
act('key', {'type': 'keyDown', 'value': '0'}, {'type': 'keyUp', 'value': '0'})
check('0 does not show all', view() == [0, span, span])
command('Marionette:Quit', flags=['eForceQuit'])
browser.wait()
print('\n'.join(bad) or 'ok')
