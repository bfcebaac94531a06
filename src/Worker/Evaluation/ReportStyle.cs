namespace ChangeDetection.Worker.Evaluation;

/// <summary>How the report looks.</summary>
internal static class ReportStyle
{
    public static Markup Element { get; } = Markup.Of(
        $$"""
        <style>
        :root { color-scheme: light dark; --ground: light-dark(#fff, #12161b); --ink: light-dark(#18212b, #e4e9ee); --soft: light-dark(#55626f, #a0acb8);
          --line: light-dark(#dde2e8, #2a333d); --accent: light-dark(#0b6b78, #58c4d2); --second: light-dark(#c2570c, #ffa45c); }
        body { background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        p, figcaption, dt { color: var(--soft); } code { font-size: .85em; overflow-wrap: anywhere; }
        .about div { display: grid; grid-template-columns: 7rem 1fr; } dd { margin: 0; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { border-bottom: 1px solid var(--line); padding: .25rem .9rem .25rem 0; text-align: right; } th:first-child { text-align: left; }
        thead th { color: var(--soft); font-weight: 500; } tbody th { font-weight: 500; }
        .two { display: flex; flex-wrap: wrap; gap: 2rem; } .two section { flex: 1 1 22rem; max-width: 30rem; }
        svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; }
        .grid { stroke: var(--line); } .line { fill: none; stroke: var(--accent); stroke-width: 2; } .ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
        .bar { fill: var(--accent); opacity: .75; } .usual { fill: var(--accent); } .chosen { fill: none; stroke: var(--second); stroke-width: 2; }
        pre { overflow-x: auto; font-size: .85em; } summary { cursor: pointer; }
        figure { margin: 1rem 0; } img { max-width: 100%; height: auto; image-rendering: pixelated; }
        </style>
        """);
}
