using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Connection;

/// <summary>
/// The token of the environment, by which a command proves whose it is. It opens nothing here: the database has let the command in already.
/// </summary>
internal static class PresentedToken
{
    /// <returns>The token's user; null when none is presented.</returns>
    /// <exception cref="SettingsException">It is no token of this system, was revoked or has expired.</exception>
    public static async Task<Actor?> ActorAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(AccessToken.Variable) is not { Length: > 0 } token)
            return null;
        return await new TokenStore(database).FindBySecretAsync(token.Trim(), cancellationToken) is { } owner
            ? new Actor(owner.User, ActorMeans.Token)
            : throw new SettingsException(
                $"{AccessToken.Variable} holds no valid token of this system: it is another system's, was revoked, or has expired. "
                + $"Take the variable away, or make a new token: changedetection token create --user NAME. Nothing was done.");
    }
}
