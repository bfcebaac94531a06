using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training;

// Without a verb: a worker, which never loads libtorch. The other verbs are children of one, or of the command line, and do.
switch (args)
{
    case ["trainer"]:
        ExistingLibtorch.Load();
        return await TrainerHost.RunAsync(TrainerEntry.RunAsync);
    case ["devices"]:
        ExistingLibtorch.Load();
        return DeviceProbe.Print();
    case ["model", .. var rest]:
        ExistingLibtorch.Load();
        return ModelVerb.Run(rest);
    default:
        return await WorkerHost.RunAsync(args);
}
