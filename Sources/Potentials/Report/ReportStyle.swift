/// The page's style sheet: one set of rules, two sets of colours.
enum ReportStyle {
  static let css = """
    :root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--line:#e3e2dc;--minor:#f1f0ec;
    --axis:#9a988f;--text:#1c1b18;--soft:#68665e;--c0:#2a6fdb;--c1:#0f8f6e;--c2:#c7591a;
    --c3:#7c4fc4}
    @media(prefers-color-scheme:dark){:root{--page:#131312;--card:#1c1c1a;--line:#33322f;
    --minor:#262523;--axis:#77756d;--text:#f0efeb;--soft:#a6a49b;--c0:#6ca4f8;--c1:#3fbf97;
    --c2:#ec8a4c;--c3:#ab88ea}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--text);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    main{max-width:1120px;margin:0 auto;padding:40px 24px 64px}
    h1{font-size:28px;line-height:1.2;letter-spacing:-.015em;margin:0;overflow-wrap:anywhere}
    h2{font-size:17px;letter-spacing:-.005em;margin:40px 0 12px}
    .sub{color:var(--soft);margin:6px 0 0}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:16px;
    margin-top:28px}
    .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px}
    .tile .label{color:var(--soft);font-size:13px}
    .tile .value{font-size:30px;font-weight:600;letter-spacing:-.02em;line-height:1.25}
    .tile .unit{font-size:15px;font-weight:400;color:var(--soft);letter-spacing:0}
    .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:16px}
    figure{margin:0}figcaption{font-weight:600;font-size:14px;margin-bottom:6px}
    svg{display:block;width:100%;height:auto;overflow:visible}
    svg text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
    svg .middle{text-anchor:middle}svg .end{text-anchor:end}
    svg .note{font-size:13px;paint-order:stroke;stroke:var(--card);stroke-width:4px;
    stroke-linejoin:round}svg .strong{fill:var(--text);font-weight:600}
    .grid{stroke:var(--line)}.minor{stroke:var(--minor)}.axis{stroke:var(--axis)}
    .diagonal{stroke:var(--axis);stroke-dasharray:5 4;fill:none}
    .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}
    .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .faint{stroke-width:1;opacity:.28}
    .dots{fill:none;stroke:var(--c);stroke-width:6;stroke-linecap:round}
    .cloud{fill:none;stroke:var(--c);stroke-width:3.4;stroke-linecap:round;opacity:.55}
    .bars{fill:var(--c)}
    .scroll{overflow-x:auto}.scroll th{white-space:nowrap}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th,td{text-align:left;padding:8px 16px 8px 0;border-top:1px solid var(--line);
    vertical-align:top;overflow-wrap:anywhere}
    thead th{border-top:0;padding-top:0;color:var(--soft);font-weight:500;font-size:13px}
    tbody th{font-weight:500}
    tbody tr:first-child>*{border-top:1px solid var(--line)}
    table.pairs tbody tr:first-child>*{border-top:0}
    td.n,th.n{text-align:right;white-space:nowrap}tr>:last-child{padding-right:0}
    .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(320px,100%),1fr));gap:0 40px}
    .pairs th{color:var(--soft);font-weight:400;width:45%}
    .u{color:var(--soft);font-weight:400}
    @media print{main{padding:0}.card{break-inside:avoid}}
    """
}
