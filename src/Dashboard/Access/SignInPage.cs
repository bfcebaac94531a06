using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.Antiforgery;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// The page to sign in on. Nothing else of the dashboard is open, so it asks for nothing else: its style stands in it, and the policy of its answer lets that
/// style in by its hash and nothing more.
/// </summary>
public sealed class SignInPage(IAntiforgery antiforgery, StartupToken startup, DashboardSettings settings)
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ground: light-dark(#f6f7f9, #12161b); --panel: light-dark(#fff, #1a2027); --line: light-dark(#b9c2cc, #45525f);
          --ink: light-dark(#18212b, #e4e9ee); --soft: light-dark(#55626f, #a0acb8); --accent: light-dark(#0b6b78, #58c4d2);
          --on-accent: light-dark(#fff, #06242a); --wrong: light-dark(#b3261e, #ff9d94); --wrong-ground: light-dark(#fce8e6, #45201d); }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--ground); color: var(--ink);
          font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
        main { width: 100%; max-width: 400px; padding: 28px; background: var(--panel); border-radius: 8px;
          border: 1px solid light-dark(#dde2e8, #2a333d); }
        h1 { display: flex; align-items: center; gap: 10px; margin: 0 0 20px; font-size: 20px; font-weight: 650; }
        .before { fill: var(--line); } .after { fill: var(--accent); fill-opacity: .85; }
        label { display: block; margin-bottom: 6px; font-weight: 550; }
        input { width: 100%; padding: 9px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--ground);
          color: var(--ink); font: inherit; }
        button, .other { display: block; width: 100%; margin-top: 14px; padding: 9px 12px; border: 1px solid var(--accent); border-radius: 6px;
          background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none;
          cursor: pointer; }
        .other { background: none; color: var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        p { margin: 18px 0 0; color: var(--soft); font-size: 13px; }
        p.wrong { margin: 0 0 16px; padding: 8px 12px; border-radius: 6px; color: var(--wrong); background: var(--wrong-ground); }
        code { font: 12.5px ui-monospace, "Cascadia Mono", "Liberation Mono", monospace; color: var(--ink); overflow-wrap: anywhere; }
        """;

    private const string Icon =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E"
        + "%3Crect x='2' y='2' width='14' height='14' rx='3' fill='%23b9c2cc'/%3E"
        + "%3Crect x='8' y='8' width='14' height='14' rx='3' fill='%230b6b78'/%3E%3C/svg%3E";

    private static readonly string s_policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; img-src data:; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'";

    /// <summary>Answers with what stood in the way, for a browser as a page.</summary>
    /// <param name="back">Where to go after signing in.</param>
    public Task WriteAsync(HttpContext context, SignInProblem problem, string back) => problem switch
    {
        SignInProblem.TooMany => WriteAsync(
            context, StatusCodes.Status429TooManyRequests, "There were too many wrong tokens. Wait a minute, then try again.", back),
        SignInProblem.Unavailable => WriteAsync(
            context, StatusCodes.Status503ServiceUnavailable, "The database does not answer. Training goes on without it; try again when it is back.", back),
        _ => WriteAsync(
            context, StatusCodes.Status401Unauthorized, HttpMethods.IsPost(context.Request.Method) && context.Request.Path == SignInEndpoints.SignIn
                ? "This token is not valid: it is mistyped, was revoked, or has expired." : null, back),
    };

    /// <param name="problem">What went wrong; null: nothing, there was no token.</param>
    public async Task WriteAsync(HttpContext context, int status, string? problem, string back)
    {
        var response = context.Response;
        response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (!IsPage(context.Request))
        {
            response.Headers.CacheControl = "no-store";
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(problem ?? "Sign in, or send the header 'Authorization: Bearer TOKEN'.", context.RequestAborted);
            return;
        }
        // What it makes forbids every cache to keep the page.
        var form = antiforgery.GetAndStoreTokens(context);
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = s_policy;
        await response.WriteAsync(Html(problem, back, form), context.RequestAborted);
    }

    /// <summary>Whether a browser asks, whose reader is to see a page.</summary>
    public static bool IsForReaders(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static bool IsPage(HttpRequest request) =>
        IsForReaders(request)
        && (HttpMethods.IsGet(request.Method) || (HttpMethods.IsPost(request.Method) && request.Path == SignInEndpoints.SignIn));

    private string Html(string? problem, string back, AntiforgeryTokenSet form)
    {
        var wrong = problem is null ? "" : $"<p class=\"wrong\" role=\"alert\">{Text(problem)}</p>";
        var other = settings.OpenId is { } provider
            ? $"<a class=\"other\" href=\"{SignInEndpoints.OpenId}?return={Uri.EscapeDataString(back)}\">Sign in with {Text(provider.Label)}</a>" : "";
        var help = startup.Exists
            ? "On the machine that it runs on, <code>changedetection dashboard</code> prints an address that signs you in. "
                + "Otherwise an administrator makes you a token:"
            : "An administrator makes you a token:";
        return $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Sign in · ChangeDetection</title><link rel="icon" href="{Icon}"><style>{Style}</style></head>
            <body><main>
            <h1><svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><rect x="2" y="2" width="14" height="14" rx="3" class="before"/>
            <rect x="8" y="8" width="14" height="14" rx="3" class="after"/></svg> ChangeDetection</h1>
            {wrong}<form method="post" action="{SignInEndpoints.SignIn}">
            <input type="hidden" name="{form.FormFieldName}" value="{Text(form.RequestToken ?? "")}"><input type="hidden" name="return" value="{Text(back)}">
            <label for="token">Access token</label>
            <input id="token" name="token" type="password" autocomplete="current-password" maxlength="200" required autofocus>
            <button type="submit">Sign in</button></form>{other}
            <p>{help} <code>changedetection token create --user NAME</code></p>
            </main></body></html>
            """;
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
