/* Two copies of the library in one process: the second one refuses, the first goes on. twice COPY_1 COPY_2 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int32_t (*ListDevices)(void *infos, uint32_t *count);
typedef const char *(*Message)(void);

int main(int argc, char **argv)
{
    void *first, *second;
    ListDevices listFirst, listSecond;
    Message messageOfSecond;
    uint32_t count = 0;
    int32_t a, b, again;

    if (argc != 3 || (first = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) == NULL)
        return 2;
    *(void **)&listFirst = dlsym(first, "titokEnumerateDevices");
    a = listFirst(NULL, &count);
    if ((second = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL)) == NULL) {
        printf("the second copy: %s\n", dlerror());
        return 1;
    }
    *(void **)&listSecond = dlsym(second, "titokEnumerateDevices");
    *(void **)&messageOfSecond = dlsym(second, "titokLastMessage");
    b = listSecond(NULL, &count);
    again = listFirst(NULL, &count);
    printf("first %d, second %d (%s), first again %d\n", (int)a, (int)b, messageOfSecond(), (int)again);
    return !(a == 0 && b == -15 && again == 0 && strstr(messageOfSecond(), "Another copy") != NULL);
}
