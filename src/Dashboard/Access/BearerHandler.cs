using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ChangeDetection.Dashboard.Access;

/// <summary>Programs: <c>Authorization: Bearer TOKEN</c>, with every request.</summary>
public sealed class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenSignIn signIn)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Mark = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Mark, StringComparison.OrdinalIgnoreCase) ? header[Mark.Length..].Trim() : null;
        var (user, problem) = await signIn.FindAsync(token, Context, Schemes.Bearer);
        if (user is not null)
            return AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name));
        Context.Items[typeof(SignInProblem)] = problem;
        return AuthenticateResult.Fail("The token is nobody's.");
    }
}
