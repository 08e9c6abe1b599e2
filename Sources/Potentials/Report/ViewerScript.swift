/// The program of the page that draws structures: plain JavaScript on a canvas, without libraries.
enum ViewerScript {
  static let javaScript = #"""
    "use strict";
    for (const figure of document.querySelectorAll("figure.viewer")) view(figure);

    function view(figure) {
      const data = JSON.parse(figure.querySelector("script").textContent);
      const canvas = figure.querySelector("canvas"), pen = canvas.getContext("2d");
      const find = name => figure.querySelector(`[data-control="${name}"]`);
      const frames = data.frames;
      let elements = data.elements;
      let index = 0, zoom = 1.25, timer = null, drag = null, isDue = false;
      let turn = [[1, 0, 0], [0, 0, 1], [0, -1, 0]];
      const moving = matchMedia("(prefers-reduced-motion: reduce)");

      // Centre and size: of a trajectory over all frames, so that nothing jumps as time goes on.
      let centre = [0, 0, 0], reach = 1;
      function frameAll(shown) {
        const seen = shown.map(frame => frame.positions.concat(corners(frame).flat()));
        const low = [Infinity, Infinity, Infinity], high = low.map(() => -Infinity);
        for (const points of seen) points.forEach((value, i) => {
          low[i % 3] = Math.min(low[i % 3], value);
          high[i % 3] = Math.max(high[i % 3], value);
        });
        centre = low.map((value, axis) => (value + high[axis]) / 2);
        reach = 0;
        for (const points of seen) for (let i = 0; i < points.length; i += 3)
          reach = Math.max(
            reach, Math.hypot(...centre.map((value, axis) => points[i + axis] - value)));
        reach += 0.7;
      }
      if (data.together) frameAll(frames);

      // The corners of the image of the cell that is nearest to the atoms, which may lie anywhere.
      function corners({ cell, positions }) {
        if (!cell) return [];
        const [a, b, c] = [0, 3, 6].map(n => cell.slice(n, n + 3));
        const dot = (v, w) => v[0] * w[0] + v[1] * w[1] + v[2] * w[2];
        const cross = (v, w) => [1, 2, 0].map((i, n) => v[i] * w[[2, 0, 1][n]] - v[[2, 0, 1][n]] * w[i]);
        const volume = dot(a, cross(b, c)), count = positions.length / 3;
        const mean = [0, 1, 2].map(axis =>
          positions.reduce((sum, value, i) => i % 3 === axis ? sum + value / count : sum, 0));
        const steps = [cross(b, c), cross(c, a), cross(a, b)].map(normal =>
          Math.abs(volume) < 1e-9 ? 0 : Math.round(dot(mean, normal) / volume - 0.5));
        const all = [];
        for (let n = 0; n < 8; n++)
          all.push([0, 1, 2].map(axis => [a, b, c].reduce((sum, vector, k) =>
            sum + ((n >> k & 1) + steps[k]) * vector[axis], 0)));
        return all;
      }

      function rotate(axis, angle) {
        const [a, b] = [0, 1, 2].filter(n => n !== axis), c = Math.cos(angle), s = Math.sin(angle);
        const row = turn[a].map((value, n) => c * value - s * turn[b][n]);
        turn[b] = turn[a].map((value, n) => s * value + c * turn[b][n]);
        turn[a] = row;
        redraw();
      }

      function place(x, y, z) {
        const d = [x - centre[0], y - centre[1], z - centre[2]];
        return turn.map(row => row[0] * d[0] + row[1] * d[1] + row[2] * d[2]);
      }

      function color(name) { return getComputedStyle(figure).getPropertyValue(name).trim(); }

      function chosen() {
        const attention = frames[index].attention;
        if (!attention || !find("layer")) return null;
        const layer = attention.layers[Number(find("layer").value) - 1];
        const head = Number(find("head").value) - 1;
        if (!layer || head >= layer.heads) return null;
        const weight = pair => {
          if (head >= 0) return layer.weights[pair * layer.heads + head];
          let sum = 0;
          for (let n = 0; n < layer.heads; n++) sum += layer.weights[pair * layer.heads + n];
          return sum / layer.heads;
        };
        return { attention, weight };
      }

      function redraw() {
        if (isDue) return;
        isDue = true;
        requestAnimationFrame(() => { isDue = false; draw(); });
      }

      function draw() {
        const ratio = devicePixelRatio || 1, box = canvas.getBoundingClientRect();
        if (!box.width) return;
        canvas.width = Math.round(box.width * ratio);
        canvas.height = Math.round(box.height * ratio);
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, box.width, box.height);
        const frame = frames[index], positions = frame.positions;
        elements = frame.elements ?? data.elements;
        if (!data.together) frameAll([frame]);
        const scale = zoom * Math.min(box.width, box.height) / 2 / reach;
        const at = ([x, y, z]) => {
          const size = scale / (1 - 0.25 * z / reach / Math.max(1, 0.4 * zoom));
          return [box.width / 2 + size * x, box.height / 2 - size * y, size];
        };
        const atoms = elements.map((_, n) =>
          place(positions[3 * n], positions[3 * n + 1], positions[3 * n + 2]));
        const parts = [];
        const line = (from, to, style, width, depth) => parts.push([depth ?? (from[2] + to[2]) / 2, () => {
          const [a, b] = [at(from), at(to)];
          pen.strokeStyle = style;
          pen.lineWidth = width(a[2]);
          pen.lineCap = "round";
          pen.beginPath(); pen.moveTo(a[0], a[1]); pen.lineTo(b[0], b[1]); pen.stroke();
        }]);
        const edges = corners(frame).map(corner => place(...corner));
        edges.forEach((corner, n) => [1, 2, 4].forEach(bit => {
          if (!(n & bit)) line(corner, edges[n | bit], color("--axis"), () => 1);
        }));
        // A line begins at the surface of its atom, so that it does not cross what it belongs to.
        const surface = (n, to) => {
          const from = atoms[n], gap = Math.hypot(...from.map((value, axis) => to[axis] - value));
          const part = Math.min(0.45, 0.36 * data.radii[elements[n]] / Math.max(gap, 1e-9));
          return from.map((value, axis) => value + part * (to[axis] - value));
        };
        const middle = (a, b) => a.map((value, axis) => (value + b[axis]) / 2);
        for (let a = 0; a < atoms.length; a++) for (let b = 0; b < a; b++) {
          const gap = Math.hypot(...atoms[a].map((value, axis) => value - atoms[b][axis]));
          if (gap > 1.25 * (data.radii[elements[a]] + data.radii[elements[b]])) continue;
          line(surface(a, atoms[b]), surface(b, atoms[a]), color("--bond"), size => Math.max(1.5, 0.12 * size));
        }
        const shown = chosen();
        let strongest = null;
        if (shown) {
          const { attention, weight } = shown, most = attention.most;
          for (let pair = 0; pair < attention.pairs.length / 2; pair++) {
            const [a, b] = [attention.pairs[2 * pair], attention.pairs[2 * pair + 1]], w = weight(pair);
            if (!strongest || w > strongest[2]) strongest = [a, b, w];
            if (w < 0.1 * most) continue;
            const d = attention.vectors.slice(3 * pair, 3 * pair + 3);
            const far = turn.map((row, axis) =>
              atoms[a][axis] + row[0] * d[0] + row[1] * d[1] + row[2] * d[2]);
            // The half at the atom that attends; in front of the bond below it.
            const part = Math.min(1, (w / most) ** 2);
            line(surface(a, far), middle(atoms[a], far),
              `color-mix(in srgb, ${color("--c2")} ${Math.round(100 * (0.15 + 0.75 * part))}%, transparent)`,
              size => Math.max(0.6, 0.3 * part * size), (atoms[a][2] + far[2]) / 2 + 0.05);
          }
        }
        if (frame.arrows && find("arrows")?.checked) atoms.forEach((from, n) => {
          const d = frame.arrows.slice(3 * n, 3 * n + 3);
          if (Math.hypot(...d) < 0.03) return;
          const to = turn.map((row, axis) =>
            from[axis] + 1.5 * (row[0] * d[0] + row[1] * d[1] + row[2] * d[2]));
          parts.push([Math.max(from[2], to[2]) + 0.3, () => arrow(at(from), at(to))]);
        });
        atoms.forEach((atom, n) => parts.push([atom[2] + 0.2, () => {
          const [x, y, size] = at(atom), radius = 0.42 * data.radii[elements[n]] * size;
          const shade = pen.createRadialGradient(
            x - radius / 3, y - radius / 3, radius / 8, x, y, radius);
          const base = data.colors[elements[n]];
          shade.addColorStop(0, `color-mix(in srgb, ${base} 65%, white)`);
          shade.addColorStop(1, base);
          pen.fillStyle = shade;
          pen.strokeStyle = color("--axis");
          pen.lineWidth = 1;
          pen.beginPath(); pen.arc(x, y, radius, 0, 2 * Math.PI); pen.fill(); pen.stroke();
          if (radius > 9 && find("labels")?.checked) {
            pen.fillStyle = data.dark[elements[n]] ? "#fff" : "#111";
            pen.font = `${Math.min(14, radius)}px system-ui, sans-serif`;
            pen.textAlign = "center"; pen.textBaseline = "middle";
            pen.fillText(data.symbols[elements[n]] + (n + 1), x, y);
          }
        }]));
        parts.sort((a, b) => a[0] - b[0]).forEach(part => part[1]());
        describe(frame, strongest);
      }

      function arrow([x, y], [toX, toY]) {
        const length = Math.hypot(toX - x, toY - y), head = Math.min(9, 0.5 * length);
        const angle = Math.atan2(toY - y, toX - x);
        pen.strokeStyle = pen.fillStyle = color("--c3");
        pen.lineWidth = 2.5;
        pen.beginPath();
        pen.moveTo(x, y);
        pen.lineTo(toX - head * Math.cos(angle), toY - head * Math.sin(angle));
        pen.stroke();
        pen.beginPath();
        pen.moveTo(toX, toY);
        for (const side of [-0.4, 0.4])
          pen.lineTo(toX - head * Math.cos(angle + side), toY - head * Math.sin(angle + side));
        pen.fill();
      }

      function name(atom) { return data.symbols[elements[atom]] + (atom + 1); }

      function describe(frame, strongest) {
        let text = frames.length > 1 ? `Frame ${index + 1} of ${frames.length}` : "";
        if (frame.note) text += (text ? ", " : "") + frame.note;
        if (strongest)
          text += `${text ? ". " : ""}Most attention: ${name(strongest[0])} to ` +
            `${name(strongest[1])}, ${strongest[2].toFixed(3)}`;
        figure.querySelector("output.state").textContent = text;
        for (const key of ["layer", "head"]) {
          const input = find(key);
          if (!input) continue;
          input.nextElementSibling.textContent = Number(input.value) ? input.value : "mean";
          input.setAttribute("aria-valuetext", input.nextElementSibling.textContent);
        }
      }

      function show(next) {
        index = (next + frames.length) % frames.length;
        const slider = find("frame");
        if (slider) slider.value = index + 1;
        redraw();
      }

      function play(isOn) {
        clearInterval(timer);
        timer = isOn ? setInterval(() => show(index + 1), moving.matches ? 500 : 80) : null;
        const button = find("play");
        button.textContent = isOn ? "Pause" : "Play";
        button.setAttribute("aria-pressed", isOn);
      }

      find("frame")?.addEventListener("input", event => show(event.target.value - 1));
      find("play")?.addEventListener("click", () => play(!timer));
      for (const button of document.querySelectorAll(`[data-viewer="${figure.id}"]`))
        button.addEventListener("click", () => {
          show(Number(button.dataset.frame));
          canvas.focus({ preventScroll: true });
          figure.scrollIntoView({ block: "nearest", behavior: moving.matches ? "auto" : "smooth" });
        });
      for (const key of ["layer", "head", "labels", "arrows"]) find(key)?.addEventListener("input", redraw);
      canvas.addEventListener("pointerdown", event => {
        drag = [event.clientX, event.clientY];
        canvas.setPointerCapture(event.pointerId);
      });
      canvas.addEventListener("pointermove", event => {
        if (!drag) return;
        const [x, y] = drag;
        drag = [event.clientX, event.clientY];
        rotate(1, (event.clientX - x) / -120);
        rotate(0, (event.clientY - y) / 120);
      });
      for (const end of ["pointerup", "pointercancel"])
        canvas.addEventListener(end, () => { drag = null; });
      canvas.addEventListener("wheel", event => {
        if (!event.ctrlKey && document.activeElement !== canvas) return;
        event.preventDefault();
        zoom = Math.min(20, Math.max(0.3, zoom * Math.exp(-event.deltaY / 500)));
        redraw();
      }, { passive: false });
      canvas.addEventListener("keydown", event => {
        const step = 0.15, keys = {
          ArrowLeft: () => rotate(1, step), ArrowRight: () => rotate(1, -step),
          ArrowUp: () => rotate(0, -step), ArrowDown: () => rotate(0, step),
          "+": () => { zoom = Math.min(20, zoom * 1.2); redraw(); },
          "-": () => { zoom = Math.max(0.3, zoom / 1.2); redraw(); },
          PageUp: () => show(index - 1), PageDown: () => show(index + 1),
        };
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
      });
      new ResizeObserver(redraw).observe(canvas);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
      draw();
    }
    """#

  static let css = """
    .viewer{--bond:#8d8b84;margin-bottom:16px}
    @media screen and (prefers-color-scheme:dark){.viewer{--bond:#76746d}}
    .viewer canvas{display:block;width:100%;height:min(70vw,460px);touch-action:pan-y;cursor:grab;
    border-radius:6px}
    .viewer output.state{display:block;min-height:1.5em;color:var(--soft);font-size:14px;
    font-variant-numeric:tabular-nums}
    .controls{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;margin-top:8px}
    .controls label{display:flex;gap:8px;align-items:center;font-size:14px;white-space:nowrap}
    .controls input[type=range]{accent-color:var(--c0);width:150px;min-height:28px}
    .controls .long input{width:min(320px,46vw)}
    .controls button{font:inherit;font-size:14px;padding:4px 14px;border:1px solid var(--line);
    border-radius:6px;background:var(--minor);color:var(--text);min-width:5em;min-height:32px}
    .controls output{min-width:3em;color:var(--soft);font-variant-numeric:tabular-nums}
    @media print{.controls{display:none}}
    """
}
