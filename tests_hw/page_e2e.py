# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser, from file://: texts, filter, order, zoom, keyboard, print, no network."""
import base64
import hashlib
import json
import math
import os
import pathlib
import shutil
import subprocess
import unittest

from command_line import CommandLine

try:
    from selenium import webdriver
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select, WebDriverWait
except ImportError:
    webdriver = None

CHROMIUM = shutil.which("chromium")
CHROMEDRIVER = shutil.which("chromedriver")
SHOTS = os.environ.get("RACKPROOF_SCREENSHOTS")  # a folder: what the tests saw is left there
RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\nn0-d3 slow=20%\n"
HOSTILE = "</script><img src=x onerror=document.title='owned'>"
SECONDS = 1800


def missing():
    if webdriver is None:
        return "selenium is not installed for this Python (scripts/test does it)"
    if not CHROMIUM or not CHROMEDRIVER:
        return "chromium and chromium-driver are not installed (scripts/setup --tests)"
    return None if shutil.which("zstd") else "zstd is not installed"


def with_telemetry(bundle):
    """Gives a copy of a bundle segments, steps in time and events, as a long run has them."""
    report = json.loads((bundle / "report.json").read_text())
    (bundle / "telemetry").mkdir(exist_ok=True)
    for old in (bundle / "telemetry").iterdir():
        old.unlink()
    names = ["gpu0.temp [celsius]", "gpu1.temp [celsius]", "gpu0.power [watt]", "gpu0.ecc [count]"]
    lines = ["at_s," + ",".join(names)]
    for at in range(SECONDS):
        temp = 104 if at == 700 else 60 + 20 * math.sin(at / 60)
        lines.append(f"{at}.000,{temp:.2f},{temp - 5:.2f},{300 + at % 50},0")
    packed = subprocess.run(["zstd", "-q"], input="\n".join(lines).encode() + b"\n", capture_output=True, check=True).stdout
    (bundle / "telemetry/0001.csv.zst").write_bytes(packed)
    report["segments"] = [{"file": "telemetry/0001.csv.zst", "start_s": 0, "end_s": SECONDS, "rows": SECONDS,
                           "size_bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}]
    report["run"]["duration_s"] = SECONDS
    steps = list(dict.fromkeys(task["step"] for task in report["tasks"]))
    for task in report["tasks"]:
        place = steps.index(task["step"])
        task.update(start_s=place * SECONDS / len(steps), end_s=(place + 0.9) * SECONDS / len(steps))
    report["events"] = [{"kind": "kernel_log", "severity": "fatal", "text": HOSTILE, "at_s": 900.0},
                        {"kind": "counter", "severity": "warning", "text": "ecc rose by 2", "at_s": 1200.0}]
    (bundle / "report.json").write_text(json.dumps(report))
    return report


@unittest.skipIf(missing(), missing())
class Page(CommandLine):
    @classmethod
    def setUpClass(cls):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,1000"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
        cls.addClassCleanup(cls.browser.quit)
        maker = cls("make_bundle")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        cls.maker, cls.bundle = maker, maker.make_bundle()

    def make_bundle(self):
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "bundle", code=1)
        return self.folder / "bundle"

    def setUp(self):
        super().setUp()
        self.size(1280, 1000)
        self.command("Emulation.setEmulatedMedia", media="", features=[])
        self.command("Emulation.setScriptExecutionDisabled", value=False)

    def tearDown(self):
        self.assertEqual([line["message"] for line in self.browser.get_log("browser")], [])
        asked = [json.loads(line["message"])["message"] for line in self.browser.get_log("performance")]
        urls = {one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"}
        self.assertEqual({url for url in urls if not url.startswith(("file:", "data:"))}, set())

    def command(self, name, **words):
        return self.browser.execute_cdp_cmd(name, words)

    def size(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def shot(self, name):
        if SHOTS:
            pathlib.Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.browser.save_screenshot(f"{SHOTS}/{name}.png")

    def find(self, css):
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def shown(self, css):
        return [one for one in self.find(css) if one.is_displayed()]

    def js(self, code, *words):
        return self.browser.execute_script(code, *words)

    def wait(self, condition):
        WebDriverWait(self.browser, 20).until(lambda _: condition())

    def open(self, page):
        self.browser.get(page.as_uri())
        self.wait(lambda: self.js("return document.documentElement.dataset.ready") == "yes")

    def open_long_run(self):
        copy = self.folder / "long"
        shutil.copytree(self.bundle, copy)
        self.long_report = with_telemetry(copy)
        self.rackproof("report", copy, "-o", "long.html", code=0)
        self.open(self.folder / "long.html")

    def draw(self, number=0):
        canvas = self.find(".plot")[number]
        self.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", canvas)
        self.wait(lambda: canvas.find_elements(By.CSS_SELECTOR, "canvas"))
        return canvas

    def choose(self, part, label, word):
        for one in self.find(f"#{part} .tools label"):
            if one.find_element(By.TAG_NAME, "span").text == label:
                Select(one.find_element(By.TAG_NAME, "select")).select_by_visible_text(word)
                return
        self.fail(f"no choice '{label}'")

    # What is there at first sight.

    def test_the_bundles_own_page_says_what_failed(self):
        self.open(self.bundle / "report.html")
        self.shot("fail")
        self.assertEqual(self.find("h1")[0].text, "FAIL")
        problem = self.find(".problem")[0].text
        self.assertIn("n0-d3", problem)
        self.assertIn("Next:", problem)
        self.assertIn("rackproof stress", problem)
        self.assertEqual(self.find(".notice[role=note]"), [])

    def test_without_javascript_verdict_problems_and_limits_are_there(self):
        self.command("Emulation.setScriptExecutionDisabled", value=True)
        self.browser.get((self.bundle / "report.html").as_uri())
        self.assertEqual(self.find("h1")[0].text, "FAIL")
        self.assertTrue(self.shown(".problem"))
        report = json.loads((self.bundle / "report.json").read_text())
        self.assertEqual(len(self.find("#criteria tbody tr")), len(report["criteria"]))
        self.assertEqual(self.find(".copy"), [])

    def test_text_from_the_evidence_stays_text(self):
        self.open_long_run()
        self.assertIn(HOSTILE, self.find("#events tbody tr")[0].text)
        self.assertEqual(self.find("img"), [])
        self.assertIn("rackproof", self.browser.title)

    def test_a_copy_says_that_nothing_was_verified(self):
        self.open_long_run()
        self.assertIn("Nothing was verified", self.find(".notice[role=note]")[0].text)

    # Filter and order.

    def test_the_filter_by_verdict_shows_those_rows_only(self):
        self.open(self.bundle / "report.html")
        self.choose("criteria", "Verdict", "FAIL")
        rows = self.shown("#criteria tbody tr")
        self.assertTrue(rows)
        self.assertEqual({row.get_attribute("data-verdict") for row in rows}, {"FAIL"})
        self.assertRegex(self.find("#criteria output")[0].text, rf"^{len(rows)} of \d+ rows$")

    def test_a_click_on_a_device_shows_its_limits(self):
        self.open(self.bundle / "report.html")
        self.find(".devices li[data-device=n0-d1] button")[0].click()
        rows = self.shown("#criteria tbody tr")
        self.assertEqual({row.get_attribute("data-device") for row in rows}, {"n0-d1"})

    def test_the_filter_by_text_finds_a_step_by_its_name(self):
        self.open(self.bundle / "report.html")
        self.find("#criteria input[type=search]")[0].send_keys("memory.march")
        titles = [one.text for one in self.shown("#criteria .group > summary .title")]
        self.assertTrue(titles)
        self.assertTrue(all("memory.march" in title for title in titles), titles)

    def test_the_least_margin_comes_first_when_asked_for(self):
        self.open(self.bundle / "report.html")
        self.choose("criteria", "Order", "least margin")
        for body in self.find("#criteria tbody"):
            margins = [row.get_attribute("data-margin") for row in body.find_elements(By.TAG_NAME, "tr")]
            known = [float(margin) for margin in margins if margin]
            self.assertEqual(known, sorted(known))

    # Plots.

    def test_a_spike_of_one_reading_is_in_the_plot(self):
        self.open_long_run()
        self.draw()
        self.shot("plots")
        self.assertIn("104 degC", self.find("figure.telemetry .legend")[0].text)

    def test_plots_zoom_by_button_key_and_step(self):
        self.open_long_run()
        canvas = self.draw()
        label = lambda: [one.text for one in canvas.find_elements(By.CSS_SELECTOR, ".dygraph-axis-label-x")]
        whole = label()
        self.find("#telemetry button[aria-label='zoom in']")[0].click()
        self.assertNotEqual(label(), whole)
        canvas.send_keys("0")
        self.assertEqual(label(), whole)
        canvas.send_keys("+", Keys.ARROW_RIGHT)
        self.assertNotEqual(label(), whole)
        self.choose("telemetry", "Step", "whole run")
        self.assertEqual(label(), whole)

    def test_sensors_can_be_chosen(self):
        self.open_long_run()
        self.draw()
        figure = self.find("figure.telemetry")[0]
        self.assertIn("2 of 2 shown", figure.text)
        self.js("arguments[0].open = true", figure.find_element(By.CSS_SELECTOR, ".choose"))
        figure.find_elements(By.CSS_SELECTOR, ".boxes input")[0].click()
        self.assertIn("1 of 2 shown", figure.text)
        self.assertNotIn("gpu0.temp", figure.find_element(By.CSS_SELECTOR, ".legend").text)

    # Ways to read it.

    def test_the_keyboard_reaches_everything_in_order(self):
        self.open_long_run()
        seen = []
        for _ in range(90):
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
            seen.append(self.js("const a = document.activeElement; return (a.closest('section') ?? a).id || a.className || a.tagName"))
        self.assertEqual(seen[0], "skip")
        wanted = ["problems", "devices", "criteria", "telemetry", "coverage"]
        self.assertEqual(sorted(wanted, key=seen.index), wanted)
        self.assertNotEqual(self.js("return getComputedStyle(document.activeElement).outlineStyle"), "none")

    def test_a_phone_scrolls_in_one_direction_only(self):
        self.size(320, 640)
        self.open_long_run()
        self.shot("phone")
        self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), 320)

    def test_dark_and_light_have_contrast(self):
        for scheme in ("light", "dark"):
            self.command("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])
            self.open_long_run() if scheme == "light" else self.browser.refresh()
            self.shot(scheme)
            self.assertEqual(self.js(CONTRAST), [])

    def test_print_has_verdict_limits_and_plots(self):
        self.open_long_run()
        pdf = base64.b64decode(self.command("Page.printToPDF", printBackground=True)["data"])
        path = self.folder / "page.pdf"
        path.write_bytes(pdf)
        if SHOTS:
            shutil.copy(path, SHOTS)
        self.assertEqual(len(self.find(".plot canvas")) > 0, True)
        if shutil.which("pdftotext"):
            text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
            self.assertIn("FAIL", text)
            self.assertIn("Temperature", text)
            self.assertNotIn("Skip to what failed", text)
        if shutil.which("pdftoppm"):
            self.assertGreater(pixels_like(path, (0x0b, 0x62, 0xa4)), 500, "the first line of each plot is drawn")


def pixels_like(pdf, colour):
    """How many pixels of the printed pages have this colour, nearly."""
    subprocess.run(["pdftoppm", "-r", "60", pdf, pdf.with_suffix("")], check=True)
    count = 0
    for page in pdf.parent.glob(pdf.stem + "-*.ppm"):
        pixels = page.read_bytes().split(b"\n", 3)[3]
        near = [bytes(range(max(0, c - 40), min(255, c + 40) + 1)) for c in colour]
        count += sum(r in near[0] and g in near[1] and b in near[2]
                     for r, g, b in zip(pixels[0::3], pixels[1::3], pixels[2::3]))
    return count


# Every text that is shown against the nearest background below it; answers those under 4.5 (3 for large text).
CONTRAST = """
const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
const below = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const c = parsed(getComputedStyle(at).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
const bad = new Set();
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || !node.checkVisibility() || node.closest("script, symbol, noscript")) continue;
  const style = getComputedStyle(node);
  const a = light(parsed(style.color)), b = light(below(node));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) bad.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
}
return [...bad];
"""


if __name__ == "__main__":
    unittest.main()
