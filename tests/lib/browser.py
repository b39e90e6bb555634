#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A headless Chromium for tests, over DevTools' pipe (no network, no modules).

browser.py PAGE [--size WxH] [--dark] [--shot FILE] [--full] [--eval JS]...
           [--wait JS] [--after JS]
Loads the file and prints one object: title, console (messages), log (what the
browser itself complains of), exceptions, requests (addresses asked for, the
page's own left out), ready_ms (when --wait became true, from the start of
navigation), eval (a list of the values). --after runs before the screenshot.
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Browser:
    def __init__(self, size, dark=False):
        self.dir = tempfile.mkdtemp(prefix="hpd-chromium.")
        to_r, to_w = os.pipe()
        from_r, from_w = os.pipe()

        def place():
            a, b = os.dup(to_r), os.dup(from_w)
            os.dup2(a, 3)
            os.dup2(b, 4)

        exe = shutil.which("chromium") or "chromium"
        self.child = subprocess.Popen(
            [exe, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
             "--disable-background-networking", "--disable-sync",
             "--disable-component-update", "--disable-extensions",
             "--hide-scrollbars", "--remote-debugging-pipe",
             "--window-size=%d,%d" % size,
             "--user-data-dir=" + self.dir, "about:blank"],
            preexec_fn=place, pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(to_r)
        os.close(from_w)
        self.w, self.r = to_w, from_r
        self.buf, self.n, self.seen = b"", 0, []
        self.session = None
        self.size, self.dark = size, dark

    def close(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except OSError:
            pass
        self.child.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def message(self):
        while b"\0" not in self.buf:
            part = os.read(self.r, 1 << 20)
            if not part:
                raise SystemExit("chromium ended")
            self.buf += part
        one, self.buf = self.buf.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **params):
        self.n += 1
        m = {"id": self.n, "method": method, "params": params}
        if self.session:
            m["sessionId"] = self.session
        data = json.dumps(m).encode() + b"\0"
        while data:
            data = data[os.write(self.w, data):]
        while True:
            m = self.message()
            if m.get("id") == self.n:
                if "error" in m:
                    raise SystemExit("%s: %s" % (method, m["error"]))
                return m.get("result", {})
            self.seen.append(m)

    def value(self, js):
        r = self.call("Runtime.evaluate", expression=js, returnByValue=True,
                      awaitPromise=True)
        if "exceptionDetails" in r:
            return {"exception": r["exceptionDetails"].get("text", "") + " " +
                    str(r["result"].get("description", ""))[:300]}
        return r["result"].get("value")

    def open(self, path):
        page = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=page,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        w, h = self.size
        self.call("Emulation.setDeviceMetricsOverride", width=w, height=h,
                  deviceScaleFactor=1, mobile=w < 700)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if self.dark else "light"}])
        self.url = "file://" + os.path.abspath(path)
        err = self.call("Page.navigate", url=self.url).get("errorText")
        if err:
            raise SystemExit("%s: %s" % (self.url, err))

    def until(self, js, seconds=60):
        end = time.time() + seconds
        while time.time() < end:
            if self.value(js) is True:
                return True
            time.sleep(0.02)
        return False

    def shot(self, path, full):
        args = {"format": "png"}
        if full:
            s = self.call("Page.getLayoutMetrics")["cssContentSize"]
            args["captureBeyondViewport"] = True
            args["clip"] = {"x": 0, "y": 0, "width": s["width"],
                            "height": min(s["height"], 8000), "scale": 1}
        data = self.call("Page.captureScreenshot", **args)["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def report(self):
        out = {"console": [], "log": [], "exceptions": [], "requests": []}
        for m in self.seen:
            p = m.get("params", {})
            if m.get("method") == "Runtime.consoleAPICalled":
                out["console"].append(" ".join(
                    str(a.get("value", a.get("description")))
                    for a in p["args"]))
            elif m.get("method") == "Log.entryAdded":
                out["log"].append(p["entry"]["text"])
            elif m.get("method") == "Runtime.exceptionThrown":
                d = p["exceptionDetails"]
                out["exceptions"].append(d["text"] + " " + str(
                    d.get("exception", {}).get("description", "")))
            elif m.get("method") == "Network.requestWillBeSent":
                url = p["request"]["url"]
                if url not in (self.url, "about:blank"):
                    out["requests"].append(url)
        return out


def main(argv):
    page, size, dark, shot, full = argv[0], (1280, 900), False, None, False
    evals, wait, after = [], "document.readyState === 'complete'", None
    it = iter(argv[1:])
    for a in it:
        if a == "--dark":
            dark = True
        elif a == "--full":
            full = True
        elif a == "--size":
            size = tuple(int(x) for x in next(it).split("x"))
        elif a == "--shot":
            shot = next(it)
        elif a == "--eval":
            evals.append(next(it))
        elif a == "--wait":
            wait = next(it)
        elif a == "--after":
            after = next(it)
        else:
            raise SystemExit("what is " + a)
    b = Browser(size, dark)
    try:
        b.open(page)
        b.until("location.href !== 'about:blank' && document.readyState === 'complete'")
        ok = b.until(wait)
        ready = b.value("performance.now()")
        if after:
            b.value(after)
            time.sleep(0.3)
        values = [b.value(js) for js in evals]
        title = b.value("document.title")
        if shot:
            b.shot(shot, full)
        out = b.report()
        out.update(title=title, ready=ok, ready_ms=ready, eval=values)
        print(json.dumps(out, indent=1))
    finally:
        b.close()


if __name__ == "__main__":
    main(sys.argv[1:])
