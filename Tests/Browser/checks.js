// Looks at a page in a browser: what is put at its end by .ci/browser. The result is a line for each
// fault in an element that the script reads back.
window.addEventListener("load", () => setTimeout(() => check().catch(error => {
  window.pageFaults.push(`the checks: ${error}`);
}).then(tell), 100));

async function check() {
  const faults = window.pageFaults;
  const expect = (holds, text) => { if (!holds) faults.push(text); };
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const root = document.documentElement;
  expect(root.scrollWidth <= root.clientWidth,
    `the page is ${root.scrollWidth} wide, the window ${root.clientWidth}`);
  for (const link of document.querySelectorAll("[src],link[href]"))
    faults.push(`something from elsewhere: ${link.outerHTML.slice(0, 80)}`);
  for (const image of document.querySelectorAll("svg[role=img],canvas"))
    expect(image.getAttribute("aria-label") || image.getAttribute("aria-labelledby"),
      "a picture without a name");
  for (const input of document.querySelectorAll("input,button"))
    expect(input.labels?.length || input.textContent.trim(), "a control without a name");

  for (const figure of document.querySelectorAll("figure.choose")) {
    const shown = () => [...figure.querySelectorAll("p.by")].filter(part => part.offsetParent);
    for (const choice of figure.querySelectorAll("input[type=radio]")) {
      choice.click();
      expect(shown().length === 1 && shown()[0].classList.contains(choice.value),
        `the choice of ${choice.value} shows ${shown().length} legends`);
      const drawn = [...figure.querySelectorAll("g.by")]
        .filter(part => getComputedStyle(part).display !== "none");
      expect(drawn.length === 1 && drawn[0].classList.contains(choice.value),
        `the choice of ${choice.value} shows ${drawn.length} clouds`);
    }
  }

  const viewers = document.querySelectorAll("figure.viewer");
  for (const viewer of viewers) {
    const canvas = viewer.querySelector("canvas"), state = viewer.querySelector("output.state");
    const pixels = () => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0, drawn = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 0) drawn++;
        sum = (sum * 31 + data[i] + 256 * data[i + 1] + 65536 * data[i + 2]) % 2147483647;
      }
      return { drawn, sum };
    };
    const changes = async (what, act) => {
      const before = pixels().sum;
      act();
      await frame();
      expect(pixels().sum !== before, `${what} changes nothing`);
    };
    const move = (name, value) => {
      const input = viewer.querySelector(`[data-control="${name}"]`);
      input.value = value;
      input.dispatchEvent(new Event("input"));
    };
    const press = key => canvas.dispatchEvent(new KeyboardEvent("keydown", { key }));
    await frame();
    expect(pixels().drawn > 500, `the canvas has ${pixels().drawn} pixels`);
    for (const key of ["ArrowLeft", "ArrowUp", "+", "-"]) await changes(key, () => press(key));
    await changes("dragging", () => {
      const at = (type, x) => canvas.dispatchEvent(
        new PointerEvent(type, { clientX: x, clientY: 50, pointerId: 1, bubbles: true }));
      canvas.setPointerCapture = () => {};
      at("pointerdown", 50); at("pointermove", 120); at("pointerup", 120);
    });
    for (const name of ["frame", "layer", "head"]) {
      const input = viewer.querySelector(`[data-control="${name}"]`);
      if (!input || input.min === input.max) continue;
      await changes(`the slider ${name}`, () => move(name, input.max));
      if (name === "frame")
        expect(state.textContent.includes(`Frame ${input.max} of ${input.max}`), state.textContent);
    }
    for (const button of document.querySelectorAll(`[data-viewer="${viewer.id}"]`)) {
      button.click();
      await frame();
      expect(state.textContent.includes(`Frame ${Number(button.dataset.frame) + 1} of `) ||
        button.dataset.frame === "0", `${button.textContent} shows ${state.textContent}`);
      expect(pixels().drawn > 500, `the canvas has ${pixels().drawn} pixels`);
    }
    const arrows = viewer.querySelector('[data-control="arrows"]');
    if (arrows) await changes("the box of arrows", () => arrows.click());
    const play = viewer.querySelector('[data-control="play"]');
    if (play) {
      play.click();
      expect(play.getAttribute("aria-pressed") === "true", "Play does not play");
      play.click();
      expect(play.getAttribute("aria-pressed") === "false", "Pause does not pause");
    }
  }
}

function tell() {
  const faults = window.pageFaults, result = document.createElement("pre");
  result.id = "checks";
  result.textContent = `viewers ${document.querySelectorAll("figure.viewer").length}\n` +
    (faults.length ? faults.map(fault => `FAULT ${fault}`).join("\n") : "FINE");
  document.body.append(result);
}
