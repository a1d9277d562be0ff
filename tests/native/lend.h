/* What a test lends the library of the sample's host. */
#ifndef LEND_H
#define LEND_H

#include "../../demo/embed-c/host.h"

static TitokHostDevice lend(const Host *host)
{
    TitokHostDevice lent = TITOK_INIT(TitokHostDevice);
    lent.instance = host->instance;
    lent.physicalDevice = host->physicalDevice;
    lent.device = host->device;
    lent.queue = host->queue;
    lent.queueFamily = host->family;
    lent.apiVersion = HOST_API_VERSION;
    lent.requirements = host->requirements;
    return lent;
}

#endif
