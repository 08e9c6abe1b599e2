/// The page's style sheet: one set of rules, two sets of colours.
enum ReportStyle {
  static let css = """
    :root{color-scheme:light;--page:#f6f6f3;--card:#fff;--line:#e3e2dc;--minor:#f1f0ec;
    --axis:#86847b;--text:#1c1b18;--soft:#65635b;--warn:#8a4b00;--c0:#2a6fdb;--c1:#0f8f6e;
    --c2:#c7591a;--c3:#7c4fc4;--c4:#c02f78;--c5:#7d7410;--c6:#15809e;--c7:#77756c}
    @media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--page:#131312;
    --card:#1c1c1a;--line:#33322f;--minor:#262523;--axis:#85837b;--text:#f0efeb;--soft:#a6a49b;
    --warn:#f2b25c;--c0:#6ca4f8;--c1:#3fbf97;--c2:#ec8a4c;--c3:#ab88ea;--c4:#ef7fb1;--c5:#c6b84a;--c6:#52bcd8;--c7:#a09e95}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0 auto;max-width:1120px;padding:40px 24px 64px;background:var(--page);
    color:var(--text);overflow-wrap:anywhere;
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    h1{font-size:28px;line-height:1.25;letter-spacing:-.015em;margin:0}
    h1 span{font-size:17px;font-weight:500;letter-spacing:0;color:var(--soft)}
    h2{font-size:17px;letter-spacing:-.005em;margin:36px 0 12px}
    p{margin:0 0 12px}.sub{color:var(--soft);margin:8px 0 0}.sub strong{color:var(--warn)}
    a{color:inherit}.nowrap{white-space:nowrap}
    :focus-visible{outline:3px solid var(--c0);outline-offset:2px}
    .card{background:var(--card);border:1px solid var(--line);border-radius:10px;
    padding:14px 16px}
    dl,dd{margin:0}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(180px,100%),1fr));
    gap:12px;margin-bottom:12px}
    .tiles dt{color:var(--soft);font-size:14px}
    .tiles dd{font-size:30px;font-weight:600;letter-spacing:-.02em;line-height:1.25}
    .tiles dd span{font-size:15px;font-weight:400;color:var(--soft);letter-spacing:0}
    .warnings,.missing{margin:0;border-left:4px solid var(--warn)}.warnings.card{padding-left:34px}
    .missing{margin-bottom:12px}
    .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));
    gap:16px}
    figure{margin:0;min-width:0;display:flex;flex-direction:column;justify-content:space-between}
    figcaption{font-weight:600}
    figcaption span{display:block;font-weight:400;font-size:14px;color:var(--soft)}
    .plot{padding:34px 16px 46px var(--left)}
    .plot>svg{display:block;width:100%;height:220px}
    .square>svg{height:auto;aspect-ratio:1}
    svg{overflow:visible}
    svg text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
    .middle{text-anchor:middle}.end{text-anchor:end}
    .halo{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
    .grid{stroke:var(--line)}.minor{stroke:var(--minor)}.axis{stroke:var(--axis)}
    .mark{stroke:var(--axis);stroke-dasharray:2 3}
    svg path{vector-effect:non-scaling-stroke;stroke-linecap:round;stroke-linejoin:round;fill:none}
    .diagonal{stroke:var(--axis);stroke-dasharray:5 4}
    .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}
    .c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}.c7{--c:var(--c7)}
    .line{stroke:var(--c);stroke-width:2}.faint{stroke:var(--c);stroke-width:1;opacity:.35}
    .lone{stroke-width:4}.dots{stroke:var(--c);stroke-width:6}
    .cloud{stroke:var(--c);stroke-width:3.5;opacity:.65}
    svg .bars{fill:var(--c);stroke:var(--card);stroke-width:1}
    .legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0;font-size:14px;color:var(--soft)}
    .legend span::before{content:"";display:inline-block;width:18px;height:3px;margin-right:6px;
    vertical-align:middle;background:var(--c)}
    .choices{display:flex;flex-wrap:wrap;gap:4px 16px;border:0;margin:0 0 8px;padding:0;
    font-size:14px}
    .plots+.plots{margin-top:16px}
    .choices legend{float:left;line-height:28px;padding:0;margin-right:12px;color:var(--soft)}
    .choices label{display:flex;gap:6px;align-items:center;min-height:28px}
    .choices input{accent-color:var(--c0)}
    .choose:has([value=element]:checked) .by:not(.element),
    .choose:has([value=group]:checked) .by:not(.group),
    .choose:has([value=size]:checked) .by:not(.size){display:none}
    h3{font-size:15px;margin:20px 0 8px}
    .spread{display:block;width:100%;height:20px;min-width:120px}
    .spread .box{fill:var(--c);stroke:none;opacity:.35}.spread .middle-line{stroke:var(--c);
    stroke-width:2}.spread .reach{stroke:var(--c);stroke-width:1}
    td:has(.spread),th:has(.spread){width:38%;vertical-align:middle;padding-right:12px}
    .view{font:inherit;font-size:14px;padding:4px 12px;border:1px solid var(--line);
    border-radius:6px;background:var(--minor);color:var(--text);min-height:32px}
    .scroll{overflow-x:auto;padding:6px 16px}
    .hint{display:none;color:var(--soft);font-size:14px;margin:0 0 6px}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th,td{text-align:left;padding:8px 0 8px 16px;border-top:1px solid var(--line);
    vertical-align:top}
    tr>:first-child{padding-left:0}
    thead th{border-top:0;color:var(--soft);font-weight:500;font-size:14px;overflow-wrap:normal}
    tbody th{font-weight:500}
    .n{text-align:right;white-space:nowrap}
    .wide table{min-width:620px}
    code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
    .wide code{display:block;min-width:17ch}.wide td>span{display:block;min-width:12ch}
    .wide tbody th{min-width:9ch;overflow-wrap:break-word}
    .pairs{columns:2 320px;column-gap:40px;padding:6px 16px;font-variant-numeric:tabular-nums}
    .pairs div{display:grid;grid-template-columns:minmax(110px,5fr) 6fr;gap:12px;padding:6px 0;
    break-inside:avoid;border-bottom:1px solid var(--minor)}
    .pairs dt{color:var(--soft)}
    @media(max-width:700px){.hint{display:block}}
    @media(max-width:480px){body{padding:24px 14px 40px}.card{padding:12px}
    .scroll,.pairs{padding:4px 12px}h1{font-size:24px}.tiles{gap:8px}
    .tiles .card{display:flex;justify-content:space-between;align-items:baseline;gap:8px;
    padding:8px 12px}.tiles dd{font-size:24px;white-space:nowrap}
    .plot{padding-right:16px}th,td{padding-left:12px}}
    @media print{body{padding:0;max-width:none;background:none;font-size:13px}
    .hint{display:none}.scroll{overflow:visible}.wide table{min-width:0}
    figure,.tiles,tr{break-inside:avoid}h2{break-after:avoid}
    .plots{grid-template-columns:1fr 1fr}.plot>svg{height:170px}.square>svg{height:auto}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """
}
