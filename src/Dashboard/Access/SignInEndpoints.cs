using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ChangeDetection.Dashboard.Access;

/// <summary>Signing in and out.</summary>
public static class SignInEndpoints
{
    public const string SignIn = "/sign-in";
    public const string OpenId = "/sign-in/openid";

    private const int LargestForm = 16 * 1024;

    public static IEndpointRouteBuilder MapSignIn(this IEndpointRouteBuilder app, DashboardSettings settings)
    {
        app.MapPost(SignIn, SignInAsync).AllowAnonymous().WithMetadata(new RequestSizeLimitAttribute(LargestForm));
        app.MapPost("/sign-out", SignOutAsync);
        app.MapGet("/session", (HttpContext context) =>
            TypedResults.Ok(new { user = context.User.Identity!.Name, role = Session.RoleOf(context.User)?.Word() }));
        if (settings.OpenId is not null)
        {
            app.MapGet(OpenId, ([FromQuery(Name = "return")] string? back) => TypedResults.Challenge(
                new AuthenticationProperties { RedirectUri = LocalPath.Of(back) }, [Schemes.OpenId])).AllowAnonymous();
        }
        return app;
    }

    private static async Task SignInAsync(HttpContext context, IAntiforgery antiforgery, TokenSignIn signIn, SignInPage page, AuditStore audit)
    {
        if (!context.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(context))
        {
            await page.WriteAsync(context, StatusCodes.Status400BadRequest, "This page was too old. Try again.", LocalPath.Front);
            return;
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var back = LocalPath.Of(form["return"]);
        var (user, problem) = await signIn.FindAsync(form["token"].ToString().Trim(), context, Schemes.Cookie);
        if (user is null)
        {
            await page.WriteAsync(context, problem, back);
            return;
        }
        await TokenInAddress.SignInAsync(context, user, audit);
        context.Response.Redirect(back);
    }

    private static async Task<Results<RedirectHttpResult, BadRequest>> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return TypedResults.BadRequest();
        await context.SignOutAsync(Schemes.Cookie);
        return TypedResults.LocalRedirect("~/", permanent: false, preserveMethod: false);
    }
}
