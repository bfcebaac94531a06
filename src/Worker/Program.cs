using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training;

// Without a verb: a worker. The other verbs are children of one, or of the command line.
return args switch
{
    ["trainer"] => await TrainerHost.RunAsync(TrainerEntry.RunAsync),
    ["devices"] => DeviceProbe.Print(),
    ["model", .. var rest] => ModelVerb.Run(rest),
    _ => await WorkerHost.RunAsync(args),
};
